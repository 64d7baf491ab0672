import type { EventRecord } from '../events/event-record.ts';
import { element } from './dom.ts';
import { utcText } from './times.ts';

const signs: Readonly<Record<string, string>> = {
  'migration.ready_for_cutover': '★',
  'migration.completed': '✔',
  'watcher.recovered': '✔',
};
const levelSigns: Readonly<Record<string, string>> = { warn: '▲', error: '✖' };

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Returns list items for the events of a migration, the latest first. `events` are oldest first. */
export function timelineItems(events: readonly EventRecord[]): HTMLLIElement[] {
  return events
    .toReversed()
    .map(({ event, level, time, msg }) =>
      element(
        'li',
        { 'data-level': level, 'data-event': event },
        element(
          'span',
          { class: 'sign', 'aria-hidden': 'true' },
          `${signs[event] ?? levelSigns[level] ?? '•'}\uFE0E`,
        ),
        element('time', { datetime: time, title: utcText(time) }, moment.format(new Date(time))),
        element('span', { class: 'msg' }, msg),
      ),
    );
}
