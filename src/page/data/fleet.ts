import type { MigrationView } from '../../server/migration-view.ts';
import type { ShownSamples } from '../../server/migrations-api.ts';
import { compareUrgency } from '../../watch/migration/urgency.ts';
import { factsOf } from '../status.ts';
import { keyOf, type MigrationRow, type Sample, withView } from './migration-row.ts';

/** A migration as `/api/migrations` returns it. */
export type ListedMigration = MigrationView & { readonly samples?: ShownSamples };

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
export function withList({ rows, newer }: Fleet, listed: readonly ListedMigration[]): Fleet {
  const next = listed.map(({ samples: shown, ...view }): [string, MigrationRow] => {
    const key = keyOf(view);
    const known = rows.get(key);
    const samples = samplesOf(shown, view);
    const listedRow = withView({ samples }, known !== undefined && newer.has(key) ? known.view : view);
    return [key, known !== undefined && isSame(known, listedRow) ? known : listedRow];
  });
  return { rows: new Map(next), newer };
}

/** Returns the samples of a list as the page keeps them. */
function samplesOf(shown: ShownSamples | undefined, { observedAt }: MigrationView): readonly Sample[] {
  if (shown === undefined || observedAt === undefined) return [];
  const readAt = Date.parse(observedAt);
  return shown.secondsBefore.map((seconds, index) => ({
    observedAt: new Date(readAt - seconds * 1_000).toISOString(),
    lagTimeSeconds: shown.lagTimeSeconds[index] ?? 0,
  }));
}

/** Returns the fleet with the migrations that the stream has sent. */
export function withViews(fleet: Fleet, views: readonly MigrationView[]): Fleet {
  const rows = new Map(fleet.rows);
  const newer = new Set(fleet.newer);
  for (const view of views) {
    const key = keyOf(view);
    newer.add(key);
    rows.set(key, withView(rows.get(key) ?? { samples: [] }, view));
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
function isSame(one: MigrationRow, other: MigrationRow): boolean {
  return (
    one.samples.length === other.samples.length &&
    one.samples.at(-1)?.observedAt === other.samples.at(-1)?.observedAt &&
    textOf(one) === textOf(other)
  );
}

function textOf({ view }: MigrationRow): string {
  return JSON.stringify({ ...view, remainingSeconds: undefined });
}
