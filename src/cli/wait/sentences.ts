import type { EventName } from '../../events/catalogue.ts';
import type { EventRecord } from '../../events/event-record.ts';

/** These describe a change better than a new status or a first observation does. */
const specificEvents: ReadonlySet<EventName> = new Set([
  'migration.unknown_status',
  'migration.ready_for_cutover',
  'migration.readiness_withdrawn',
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
  'migration.cutover_started',
]);
const plainEvents: ReadonlySet<EventName> = new Set(['migration.first_seen', 'migration.status_changed']);
const reachabilityEvents: ReadonlySet<EventName> = new Set(['watcher.unreachable', 'watcher.recovered']);

/** Returns a sentence for every change in the events of one poll that matters to someone who waits. */
export function changeSentences(events: readonly EventRecord[]): string[] {
  const specific = events.filter(({ event }) => specificEvents.has(event));
  const changes = specific.length > 0 ? specific : events.filter(({ event }) => plainEvents.has(event));
  return [...events.filter(({ event }) => reachabilityEvents.has(event)), ...changes].map(({ msg }) => msg);
}
