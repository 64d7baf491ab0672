import type { MigrationView } from '../server/migration-view.ts';
import { compareUrgency } from '../watch/migration/urgency.ts';
import { keyOf, type MigrationRow, type Sample, withView } from './migration-row.ts';
import { factsOf } from './status.ts';

/** A migration as `/api/migrations` returns it. */
export type ListedMigration = MigrationView & { readonly samples?: readonly Sample[] };

/** All migrations that the watcher watches, by its latest messages. */
export class Fleet {
  #rows = new Map<string, MigrationRow>();
  /** Keys of migrations the stream has sent since the list was requested: the list may have older data of them. */
  readonly #newer = new Set<string>();
  /** Cache of `byUrgency`; undefined after a change. */
  #sorted: readonly MigrationRow[] | undefined;

  get size(): number {
    return this.#rows.size;
  }

  /** The most urgent first; equally urgent ones in the order of the configuration. */
  get byUrgency(): readonly MigrationRow[] {
    this.#sorted ??= [...this.#rows.values()]
      .map((row) => ({ row, facts: factsOf(row.view) }))
      .toSorted((one, other) => compareUrgency(one.facts, other.facts, Date.now()))
      .map(({ row }) => row);
    return this.#sorted;
  }

  /** Returns the migration with this name, or else with this live migration id. */
  find(name: string): MigrationRow | undefined {
    const all = [...this.#rows.values()];
    return (
      all.find(({ view }) => view.migration === name) ?? all.find(({ view }) => view.liveMigrationId === name)
    );
  }

  /** Must be called when a list is requested. */
  expectList(): void {
    this.#newer.clear();
  }

  /** Replaces all migrations by those of a list. */
  setList(listed: readonly ListedMigration[]): void {
    this.#sorted = undefined;
    this.#rows = new Map(
      listed.map(({ samples = [], ...view }) => {
        const key = keyOf(view);
        const known = this.#rows.get(key);
        const isNewer = known !== undefined && this.#newer.has(key);
        return [key, withView({ samples }, isNewer ? known.view : view)];
      }),
    );
  }

  /** Takes a migration that the stream has sent. */
  update(view: MigrationView): void {
    const key = keyOf(view);
    this.#newer.add(key);
    this.#sorted = undefined;
    this.#rows.set(key, withView(this.#rows.get(key) ?? { samples: [] }, view));
  }
}
