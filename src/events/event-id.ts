import { createHash } from 'node:crypto';

export interface EventIdentity {
  readonly groupId: string;
  readonly liveMigrationId: string;
  /** When the watcher's memory of this migration began, in ms since 1970: a state thrown away starts new ids. */
  readonly rememberedSince: number;
  readonly event: string;
  /** How many times this event has happened to this migration, this time included. */
  readonly occurrence: number;
  /** What it leads from and to, of an event that has both. */
  readonly ends?: readonly [from: unknown, to: unknown];
}

/**
 * Returns the id of one transition, 32 hexadecimal digits. It is made of nothing but what the transition is, so
 * the same one found again, after a crash took the memory of it, gets the same id; one that then spans several
 * gets another.
 */
export function eventId(transition: EventIdentity): string {
  const { groupId, liveMigrationId, rememberedSince, event, occurrence, ends } = transition;
  const identity = [groupId, liveMigrationId, rememberedSince, event, occurrence];
  const parts = ends === undefined ? identity : [...identity, JSON.stringify(ends)];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}
