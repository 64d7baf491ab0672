import type { MigrationView } from '../../server/migration-view.ts';
import { compareUrgency } from '../../watch/migration/urgency.ts';
import { factsOf } from '../status.ts';
import { keyOf, type MigrationRow } from './migration-row.ts';

/** All migrations that the watcher watches, by its latest messages. */
export interface Fleet {
  /** By key, in the order of the configuration. */
  readonly rows: ReadonlyMap<string, MigrationRow>;
  /** Keys of migrations the stream has sent since the list was requested: the list may have older data of them. */
  readonly newer: ReadonlySet<string>;
}

export const noFleet: Fleet = { rows: new Map(), newer: new Set() };

/** Returns the fleet as a list is requested: what the stream sends from now on is newer than the list. */
export function expectList({ rows }: Fleet): Fleet {
  return { rows, newer: new Set() };
}

/** Returns the fleet with all migrations replaced by those of a list. */
export function withList({ rows, newer }: Fleet, listed: readonly MigrationView[]): Fleet {
  const next = listed.map((view): [string, MigrationRow] => {
    const key = keyOf(view);
    const known = rows.get(key);
    const isKnown = known !== undefined && (newer.has(key) || textOf(known.view) === textOf(view));
    return [key, isKnown ? known : { view }];
  });
  return { rows: new Map(next), newer };
}

/** Returns the fleet with the migrations that the stream has sent. */
export function withViews(fleet: Fleet, views: readonly MigrationView[]): Fleet {
  const rows = new Map(fleet.rows);
  const newer = new Set(fleet.newer);
  for (const view of views) {
    const key = keyOf(view);
    newer.add(key);
    rows.set(key, { view });
  }
  return { rows, newer };
}

/**
 * Returns the migrations, the most urgent first; equally urgent ones in the order of the configuration. `now` in ms
 * since 1970.
 */
export function byUrgency({ rows }: Fleet, now: number): readonly MigrationRow[] {
  return [...rows.values()]
    .map((row) => ({ row, facts: factsOf(row.view) }))
    .toSorted((one, other) => compareUrgency(one.facts, other.facts, now))
    .map(({ row }) => row);
}

/** Returns the migration with this name, or else with this live migration id. */
export function findRow({ rows }: Fleet, name: string): MigrationRow | undefined {
  const all = [...rows.values()];
  return (
    all.find(({ view }) => view.migration === name) ?? all.find(({ view }) => view.liveMigrationId === name)
  );
}

/** A row that is the same as before need not be drawn again. What the clock alone changes is drawn from the time. */
function textOf(view: MigrationView): string {
  return JSON.stringify({ ...view, remainingSeconds: undefined });
}
