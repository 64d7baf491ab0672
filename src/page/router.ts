import { goBackToList, pushEntry } from './place.ts';
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

  function push(next: Route, link?: HTMLAnchorElement): void {
    pushEntry(store.state.route, next, link);
    go(next);
  }

  /** Leaves a detail. The list before it is gone back to, so that the browser's Back does not lead into the detail again. */
  function close({ filter }: Route): void {
    if (!goBackToList()) push({ filter });
  }

  addEventListener('popstate', () => go(readRoute(location.search)));
  document.addEventListener('keydown', ({ key, defaultPrevented }) => {
    const { route } = store.state;
    if (key === 'Escape' && !defaultPrevented && route.migration !== undefined) close(route);
  });
  document.addEventListener('click', (event) => {
    const link = linkWithin(event);
    if (link === undefined) return;
    event.preventDefault();
    if ('back' in link.dataset) close(store.state.route);
    else push(readRoute(new URL(link.href).search), link);
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
