import { createHash } from 'node:crypto';

export interface EventIdentity {
  /** What the event is about: `groupId/liveMigrationId` of a migration, or the name of a scope. */
  readonly subject: string;
  readonly event: string;
  /** The moment of its observation or, of what the clock makes due, the moment it is due; in ms since 1970. */
  readonly at: number;
  /** Distinguishes events of the same name at the same moment. */
  readonly detail?: string | number | undefined;
}

/**
 * Returns the id of one event, 32 hexadecimal digits. It follows from what the event is and never from a counter: a line
 * that is written twice carries the same id, and no other event ever gets it, also when an older state is restored.
 */
export function eventId({ subject, event, at, detail }: EventIdentity): string {
  const parts = [subject, event, at, ...(detail === undefined ? [] : [detail])];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}
