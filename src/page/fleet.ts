import type { MigrationView } from '../server/migration-view.ts';
import { compareUrgency } from '../watch/migration/urgency.ts';
import { type Entry, keyOf, type Sample, withView } from './migration-row.ts';
import { factsOf } from './status.ts';

/** A migration as the list of all of them has it. */
export type ListedMigration = MigrationView & { readonly samples?: readonly Sample[] };

/** All migrations that the watcher watches, as it told last. */
export class Fleet {
  #entries = new Map<string, Entry>();
  /** Told by the stream since the list was asked for: what the list says of them may be older. */
  readonly #newer = new Set<string>();
  /** Until something changes. */
  #sorted: readonly Entry[] | undefined;

  get size(): number {
    return this.#entries.size;
  }

  /** The most urgent first; equals in the order of the configuration. */
  get byUrgency(): readonly Entry[] {
    this.#sorted ??= [...this.#entries.values()]
      .map((entry) => ({ entry, facts: factsOf(entry.view) }))
      .toSorted((one, other) => compareUrgency(one.facts, other.facts))
      .map(({ entry }) => entry);
    return this.#sorted;
  }

  find(name: string): Entry | undefined {
    const all = [...this.#entries.values()];
    return (
      all.find(({ view }) => view.migration === name) ?? all.find(({ view }) => view.liveMigrationId === name)
    );
  }

  /** A new list is being asked for. */
  expectList(): void {
    this.#newer.clear();
  }

  /** Takes a list of all there are: what is not in it is watched no more. */
  takeList(listed: readonly ListedMigration[]): void {
    this.#sorted = undefined;
    this.#entries = new Map(
      listed.map(({ samples = [], ...view }) => {
        const key = keyOf(view);
        const known = this.#entries.get(key);
        const isNewer = known !== undefined && this.#newer.has(key);
        return [key, withView({ samples }, isNewer ? known.view : view)];
      }),
    );
  }

  /** Takes what the stream tells of one of them. */
  take(view: MigrationView): void {
    const key = keyOf(view);
    this.#newer.add(key);
    this.#sorted = undefined;
    this.#entries.set(key, withView(this.#entries.get(key) ?? { samples: [] }, view));
  }
}
