import { addressOf, type Filter, type Route, readRoute } from './route.ts';
import type { Store } from './store.ts';

export interface Router {
  /** Shows the list with this filter. The history gets no entry, because typing would fill it. */
  readonly filter: (filter: Filter) => void;
  /** Shows a migration in detail. */
  readonly open: (migration: string) => void;
}

/** Keeps the route and the address of the page the same, and makes links within the page change the route alone. */
export function createRouter(store: Store): Router {
  const go = (route: Route): void => store.dispatch({ type: 'route', route });

  function push(next: Route): void {
    history.pushState(null, '', addressOf(next));
    go(next);
  }

  addEventListener('popstate', () => go(readRoute(location.search)));
  document.addEventListener('keydown', ({ key, defaultPrevented }) => {
    const { filter, migration } = store.state.route;
    if (key === 'Escape' && !defaultPrevented && migration !== undefined) push({ filter });
  });
  document.addEventListener('click', (event) => {
    const link = linkWithin(event);
    if (link === undefined) return;
    event.preventDefault();
    push(readRoute(new URL(link.href).search));
  });

  return {
    open: (migration) => push({ filter: store.state.route.filter, migration }),
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
