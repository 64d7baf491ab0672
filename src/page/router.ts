import { addressOf, type Filter, type Route, readRoute } from './route.ts';

/** Keeps the route and the address of the page the same, and makes links within the page change the route alone. */
export interface Router {
  readonly route: Route;
  /** Shows the list with this filter. The history gets no entry, because typing would fill it. */
  filter(filter: Filter): void;
}

/** `onChange` runs after each change of the route, with the name of the migration that was shown before. */
export function createRouter(onChange: (former: string | undefined) => void): Router {
  let route = readRoute(location.search);

  function go(next: Route): void {
    const { migration: former } = route;
    route = next;
    onChange(former);
  }

  function push(next: Route): void {
    history.pushState(null, '', addressOf(next));
    go(next);
  }

  addEventListener('popstate', () => go(readRoute(location.search)));
  document.addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (key === 'Escape' && !defaultPrevented && route.migration !== undefined)
      push({ filter: route.filter });
  });
  document.addEventListener('click', (event) => {
    const link = linkWithin(event);
    if (link === undefined) return;
    event.preventDefault();
    push(readRoute(new URL(link.href).search));
  });

  return {
    get route() {
      return route;
    },
    filter(filter) {
      history.replaceState(null, '', addressOf({ filter }));
      go({ filter });
    },
  };
}

/** Returns the link that a plain click follows within this page, if it is one. */
function linkWithin(event: MouseEvent): HTMLAnchorElement | undefined {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  const isWithin = link?.getAttribute('href')?.startsWith('./') === true && link.target !== '_blank';
  return link !== null && isPlain && isWithin ? link : undefined;
}
