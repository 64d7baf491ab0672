import type { EventRecord } from '../events/event-record.ts';

const signs: Readonly<Record<string, string>> = {
  'migration.ready_for_cutover': '★',
  'migration.completed': '✔',
  'watcher.recovered': '✔',
};
const levelSigns: Readonly<Record<string, string>> = { warn: '▲', error: '✖' };

/** Returns the sign of an event in a list of events. */
export function eventSign({ event, level }: EventRecord): string {
  return signs[event] ?? levelSigns[level] ?? '•';
}
