import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Random } from './random.ts';

/** Some locks are shorter than the watcher waits for, and some longer. */
const heldMs = [20, 600] as const;
const pauseMs = [2_000, 8_000] as const;

/** Locks the state file against writing for a moment now and then, as a backup might; returns how often it did. */
export function startLocking(statePath: string, random: Random): { readonly count: number } {
  const locking = { count: 0 };
  const lock = (): void => {
    const database = existsSync(statePath) ? new DatabaseSync(statePath) : undefined;
    if (database === undefined || !isLocked(database)) {
      database?.close();
      later(lock);
      return;
    }
    locking.count += 1;
    setTimeout(
      () => {
        database.exec('ROLLBACK');
        database.close();
        later(lock);
      },
      random.between(...heldMs),
    );
  };
  const later = (next: () => void): void => void setTimeout(next, random.between(...pauseMs));
  later(lock);
  return locking;
}

/** Another program that writes at this moment has the lock instead. */
function isLocked(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch {
    return false;
  }
}
