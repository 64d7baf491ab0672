import type { MigrationView } from '../server/migration-view.ts';
import { byId, element, setAttribute, setText } from './dom.ts';
import type { Entry } from './migration-row.ts';
import type { Filter } from './route.ts';
import { type Standing, standingOf, standings } from './status.ts';
import { showTime, timeElement } from './time-element.ts';
import { countdown, zonedText } from './times.ts';

export interface Summary {
  show(entries: readonly Entry[], filter: Filter, addressOf: (name: string) => string): void;
  tick(now: number): void;
}

/** How many stand where, each a filter, and the next deadline of all. */
export function createSummary(onStanding: (standing: Standing) => void): Summary {
  const counts = (Object.keys(standings) as Standing[]).map((standing) => {
    const { sign, word } = standings[standing];
    const count = element('b');
    const button = element(
      'button',
      { type: 'button', class: 'count', 'data-standing': standing },
      element('span', { class: 'sign', 'aria-hidden': 'true' }, `${sign}\uFE0E`),
      count,
      element('span', {}, word),
    );
    button.addEventListener('click', () => onStanding(standing));
    return { standing, button, count };
  });
  const link = element('a');
  const left = element('strong');
  const at = timeElement();
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
    setText(left, seconds > 0 ? `in ${countdown(seconds)}` : 'is over');
    showTime(at, first.deadline, zonedText(first.deadline, now));
  }

  return {
    show(entries, filter, addressOf) {
      const numbers = Map.groupBy(entries, ({ view }) => standingOf(view));
      for (const { standing, button, count } of counts) {
        const number = numbers.get(standing)?.length ?? 0;
        setText(count, String(number));
        setAttribute(button, 'data-none', String(number === 0));
        setAttribute(button, 'aria-pressed', String(filter.standing === standing));
        // There is always an answer to what is ready; other zeroes say nothing.
        button.hidden = number === 0 && standing !== 'ready' && filter.standing !== standing;
      }
      first = entries.find(({ view }) => view.deadline !== undefined)?.view;
      if (first !== undefined) setAttribute(link, 'href', addressOf(first.migration));
    },
    tick,
  };
}
