import { useLayoutEffect } from 'preact/hooks';
import type { WatcherView } from '../../server/watcher-view.ts';
import { titleOf } from '../state.ts';
import type { Standing } from './standing.ts';

/** Shows how everything stands as the title and the icon of the tab. `migration` is shown in detail. */
export function useTab(
  { text, tone }: Standing,
  watcher: WatcherView | undefined,
  migration: string | undefined,
): void {
  const title = `${migration === undefined ? '' : `${migration}: `}${text} – ${titleOf(watcher)}`;
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
  useLayoutEffect(() => {
    const icon = document.getElementById('icon');
    const address = icon?.dataset[tone];
    if (icon instanceof HTMLLinkElement && address !== undefined) icon.href = address;
  }, [tone]);
}
