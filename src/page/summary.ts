import type { MigrationView } from '../server/migration-view.ts';
import { byId, element, setAttribute, setText, showTime } from './dom.ts';
import type { MigrationRow } from './migration-row.ts';
import type { Filter } from './route.ts';
import { type Status, statuses, statusOf } from './status.ts';
import { countdown, zonedText } from './times.ts';

export interface Summary {
  show(rows: readonly MigrationRow[], filter: Filter, addressOf: (name: string) => string): void;
  tick(now: number): void;
}

/** Shows the number of migrations by status, each as a filter, and the next deadline. */
export function createSummary(onStatus: (status: Status) => void): Summary {
  const counts = (Object.keys(statuses) as Status[]).map((status) => {
    const { sign, word } = statuses[status];
    const count = element('b');
    const button = element(
      'button',
      { type: 'button', class: 'count', 'data-status': status },
      element('span', { class: 'sign', 'aria-hidden': 'true' }, `${sign}\uFE0E`),
      count,
      element('span', {}, word),
    );
    button.addEventListener('click', () => onStatus(status));
    return { status, button, count };
  });
  const link = element('a');
  const left = element('strong');
  const at = element('time');
  const next = byId('deadline', HTMLElement);
  byId('summary', HTMLElement).append(...counts.map(({ button }) => button));
  let first: MigrationView | undefined;

  function tick(now: number): void {
    if (first?.deadline === undefined) {
      next.textContent = 'No deadline: nothing is ready for cutover.';
      return;
    }
    if (!next.contains(link))
      next.replaceChildren('Next deadline: ', link, ' ', left, ' (', at, ', estimated)');
    const seconds = Math.ceil((Date.parse(first.deadline) - now) / 1000);
    setText(link, first.migration);
    setText(left, seconds > 0 ? `in ${countdown(seconds)}` : 'has passed');
    showTime(at, first.deadline, zonedText(first.deadline, now));
  }

  return {
    show(rows, filter, addressOf) {
      const numbers = Map.groupBy(rows, ({ view }) => statusOf(view));
      for (const { status, button, count } of counts) {
        const number = numbers.get(status)?.length ?? 0;
        setText(count, String(number));
        setAttribute(button, 'data-none', String(number === 0));
        setAttribute(button, 'aria-pressed', String(filter.status === status));
        // Zero ready is an answer; other zeros are hidden.
        button.hidden = number === 0 && status !== 'ready' && filter.status !== status;
      }
      first = rows.find(({ view }) => view.deadline !== undefined)?.view;
      if (first !== undefined) setAttribute(link, 'href', addressOf(first.migration));
    },
    tick,
  };
}
