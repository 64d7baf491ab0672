import { formatSpan } from '../events/format.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import { byId, setAttribute, setText } from './dom.ts';
import { ago, localText, zoneName } from './times.ts';

/** State of the connection to the watcher; `since` in ms since 1970, by the watcher's clock. */
type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly since: number };

/** What is known of the watcher itself. */
export interface Health {
  readonly connection: Connection;
  /** Undefined until the first list has arrived. */
  readonly watcher: WatcherView | undefined;
  /** How far the watcher's clock is ahead of the browser's, in ms. */
  readonly clockAheadMs: number;
}

/** Shows the health of the watcher, its problems, and a lost connection. `now` in ms since 1970. */
export function showHealth({ connection, watcher }: Health, now: number): void {
  const line = byId('health', HTMLElement);
  setAttribute(line, 'data-connection', connection.state);
  setText(line, healthText(watcher, connection, now));
  const problems = byId('problems', HTMLElement);
  const sentences = connection.state === 'connected' ? (watcher?.problems ?? []) : [];
  setText(problems, sentences.join(' '));
  problems.hidden = sentences.length === 0;
  const lost = byId('lost', HTMLElement);
  lost.hidden = connection.state !== 'lost';
  document.body.classList.toggle('stale', connection.state === 'lost');
  if (connection.state === 'lost') showLoss(lost, connection.since, watcher !== undefined, now);
}

/** Only the age changes from second to second, and screen readers do not read it: they read the words once. */
function showLoss(notice: HTMLElement, since: number, hasData: boolean, now: number): void {
  const at = localText(new Date(since).toISOString(), now);
  const words = hasData
    ? `Connection to the watcher lost at ${at}. What is shown is `
    : 'No connection to the watcher for ';
  if (notice.firstChild?.textContent !== words) {
    const age = document.createElement('span');
    age.setAttribute('aria-hidden', 'true');
    notice.replaceChildren(words, age, `${hasData ? ' old' : ''}. Trying again every two seconds.`);
  }
  const [age] = notice.children;
  if (age !== undefined) setText(age, formatSpan(Math.max(0, now - since) / 1000));
}

function healthText(watcher: WatcherView | undefined, connection: Connection, now: number): string {
  const words = { connecting: '… Connecting', connected: '● Connected', lost: '✖ Not connected' };
  const first = words[connection.state];
  if (watcher === undefined || connection.state === 'lost') return first;
  const { version, startedAt, lastPollAt } = watcher;
  const since = (isoTime: string): number => Math.max(0, now - Date.parse(isoTime)) / 1000;
  const poll = lastPollAt === undefined ? 'no poll yet' : `last poll ${ago(since(lastPollAt))}`;
  return [
    first,
    `watcher ${version}`,
    `up ${formatSpan(since(startedAt))}`,
    poll,
    `times in ${zoneName(now)}`,
  ].join(' · ');
}
