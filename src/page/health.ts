import { formatSpan } from '../events/format.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import { byId, setAttribute, setText } from './dom.ts';
import { ago, localText, zoneName } from './times.ts';

/** Whether the watcher is heard, and since when it is not (ms since 1970, by the watcher's clock). */
export type Contact =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly since: number };

/** Shows how the watcher itself is, and says so when it cannot be heard. */
export function showHealth(watcher: WatcherView | undefined, contact: Contact, now: number): void {
  const line = byId('health', HTMLElement);
  setAttribute(line, 'data-contact', contact.state);
  setText(line, healthText(watcher, contact, now));
  const problems = byId('problems', HTMLElement);
  const told = contact.state === 'connected' ? (watcher?.problems ?? []) : [];
  setText(problems, told.join(' '));
  problems.hidden = told.length === 0;
  const lost = byId('lost', HTMLElement);
  lost.hidden = contact.state !== 'lost';
  document.body.classList.toggle('stale', contact.state === 'lost');
  if (contact.state === 'lost') showLoss(lost, contact.since, watcher !== undefined, now);
}

/** The words stay and only the age counts on, so that a screen reader says them once. */
function showLoss(notice: HTMLElement, since: number, hasData: boolean, now: number): void {
  const at = localText(new Date(since).toISOString(), now);
  const words = hasData
    ? `Connection to the watcher lost at ${at}. What is shown is `
    : 'The watcher cannot be reached for ';
  if (notice.firstChild?.textContent !== words) {
    const age = document.createElement('span');
    age.setAttribute('aria-hidden', 'true');
    notice.replaceChildren(words, age, `${hasData ? ' old' : ''}. Trying again every two seconds.`);
  }
  const [age] = notice.children;
  if (age !== undefined) setText(age, formatSpan((now - since) / 1000));
}

function healthText(watcher: WatcherView | undefined, contact: Contact, now: number): string {
  const words = { connecting: '… Connecting', connected: '● Connected', lost: '✖ Not connected' };
  const first = words[contact.state];
  if (watcher === undefined || contact.state === 'lost') return first;
  const { version, startedAt, lastPollAt } = watcher;
  const since = (isoTime: string): number => (now - Date.parse(isoTime)) / 1000;
  const poll = lastPollAt === undefined ? 'no poll yet' : `last poll ${ago(since(lastPollAt))}`;
  return [
    first,
    `watcher ${version}`,
    `up ${formatSpan(since(startedAt))}`,
    poll,
    `times in ${zoneName(now)}`,
  ].join(' · ');
}
