import { createHash } from 'node:crypto';

export interface Transition {
  readonly groupId: string;
  readonly liveMigrationId: string;
  /** When the watcher's memory of this migration began, in ms since 1970: a state thrown away starts new ids. */
  readonly rememberedSince: number;
  readonly event: string;
  /** How many times this event has happened to this migration, this time included. */
  readonly occurrence: number;
}

/**
 * Returns the id of one transition, 32 hexadecimal digits. It is made of nothing but what the transition is, so
 * the same one found again, after a crash took the memory of it, gets the same id.
 */
export function eventId(transition: Transition): string {
  const { groupId, liveMigrationId, rememberedSince, event, occurrence } = transition;
  const identity = [groupId, liveMigrationId, rememberedSince, event, occurrence].join('\n');
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}
