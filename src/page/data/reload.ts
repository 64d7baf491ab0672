import type { Store } from '../store.ts';

/**
 * Loads the page again after the watcher was replaced by one with another page: the files of the former one are gone, and
 * what the API answers may be new.
 */
export function reloadWhenReplaced(store: Store): void {
  let known: string | undefined;
  store.subscribe(() => {
    const { watcher } = store.state;
    if (watcher === undefined) return;
    const run = `${watcher.version} ${watcher.startedAt}`;
    if (known !== undefined && known !== run) void reloadIfOther();
    known = run;
  });
}

async function reloadIfOther(): Promise<void> {
  try {
    const reply = await fetch('./', { cache: 'no-store' });
    const own = document.querySelector('script[type="module"]')?.getAttribute('src');
    const page = await reply.text();
    // The name of the script changes with its content.
    if (reply.ok && typeof own === 'string' && !page.includes(own)) location.reload();
  } catch {
    // The watcher is away again. With the next one, this is tried again.
  }
}
