import type { EventRecord } from '../events/event-record.ts';

/**
 * Returns whether an event need not be sent because a later one that also waits says the same and is more current: of
 * the reminders of one readiness, or of one outage, the latest is enough.
 */
export function isSuperseded(record: EventRecord, later: () => readonly EventRecord[]): boolean {
  const reminder = reminderOf(record);
  return reminder !== undefined && later().some((other) => reminderOf(other) === reminder);
}

/** Returns what an event is a reminder of; undefined for another event. */
function reminderOf(record: EventRecord): string | undefined {
  const { event, groupId, liveMigrationId, scope, readySince, since, reminder } = record;
  if (event === 'migration.cutover_reminder')
    return JSON.stringify([event, groupId, liveMigrationId, readySince]);
  if (event === 'watcher.unreachable' && reminder === true)
    return JSON.stringify([event, scope, groupId, liveMigrationId, since]);
  return undefined;
}
