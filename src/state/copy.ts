import { keyOf, type MigrationId } from '../atlas/migration-resource.ts';
import type { ScopeOutage } from './migration-state.ts';
import type { OperatorRequest } from './operator-word.ts';
import type { Cursor, LogEntry, RecordedSample, RecordedState, Store } from './store.ts';

/** What is copied, with its rows. Samples come after the migrations that they belong to. */
export interface CopiedRows {
  readonly migrations: readonly RecordedState[];
  readonly samples: readonly RecordedSample[];
  readonly events: readonly LogEntry[];
  readonly outages: readonly ScopeOutage[];
  readonly cursors: readonly Cursor[];
  readonly requests: readonly OperatorRequest[];
}

/** Some rows of one kind, as many as fit into memory with ease. */
export type CopyPage = {
  [Kind in keyof CopiedRows]: Readonly<Record<Kind, CopiedRows[Kind]>>;
}[keyof CopiedRows];

/** How much of each kind was copied. */
export type CopiedCounts = Readonly<Record<keyof CopiedRows, number>>;

/** A store to copy, which no watcher writes meanwhile. */
export interface CopySource {
  /** Where it is, for people. */
  readonly name: string;
  pages(): AsyncIterable<CopyPage>;
  /** Rejects with an error where somebody may have written the store since it was opened. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** An empty store to copy to, which no watcher uses meanwhile. It stays as it is until `finish`. */
export interface CopyTarget {
  readonly name: string;
  write(page: CopyPage): Promise<void>;
  /** Makes everything that was written be there at once. Events keep their positions. */
  finish(): Promise<void>;
  /** Discards what was written and not finished. */
  close(): Promise<void>;
}

/** Copies all of a store, in pages. */
export async function copyState(source: CopySource, target: CopyTarget): Promise<CopiedCounts> {
  const counts = { migrations: 0, samples: 0, events: 0, outages: 0, cursors: 0, requests: 0 };
  for await (const page of source.pages()) {
    await target.write(page);
    for (const [kind, rows] of Object.entries(page)) counts[kind as keyof CopiedRows] += rows.length;
  }
  await source.verify();
  await target.finish();
  return counts;
}

const pageSize = 1_000;

/** What a copy needs to know beyond what a watcher asks a store for. */
export interface Listing {
  /** Resolves to all migrations. */
  migrations(): Promise<readonly MigrationId[]>;
  /** Resolves to all requests that wait, in their order; undefined in place of what is none. */
  requests(): Promise<readonly (OperatorRequest | undefined)[]>;
}

/** Yields the pages of a store. */
export async function* pagesOf(
  store: Pick<Store, 'states' | 'samples' | 'eventsFrom' | 'outages' | 'cursors'>,
  listing: Listing,
): AsyncGenerator<CopyPage> {
  const all = await listing.migrations();
  for (let from = 0; from < all.length; from += pageSize)
    yield { migrations: await store.states(all.slice(from, from + pageSize)) };
  for (const migration of all) yield* samplePages(store, migration);
  for (let position = 1; ; ) {
    const events = await store.eventsFrom(position, pageSize);
    const last = events.at(-1);
    if (last === undefined) break;
    yield { events };
    position = last.position + 1;
  }
  yield { outages: await store.outages() };
  yield { cursors: await store.cursors() };
  // What is no request is nothing that a watcher could take up.
  yield { requests: (await listing.requests()).filter((request) => request !== undefined) };
}

async function* samplePages(
  store: Pick<Store, 'samples'>,
  { groupId, liveMigrationId }: MigrationId,
): AsyncGenerator<CopyPage> {
  for (let since = 0; ; ) {
    const samples = await store.samples({ groupId, liveMigrationId }, since, pageSize);
    const last = samples.at(-1);
    if (last === undefined) return;
    yield { samples: samples.map((sample) => ({ groupId, liveMigrationId, ...sample })) };
    since = last.observedAt + 1;
  }
}

/** Returns rows without those whose migration is not known: nothing shows them. */
export function withIds<Row extends MigrationId, Id>(
  rows: readonly Row[],
  ids: ReadonlyMap<string, Id>,
): readonly (readonly [Id, Row])[] {
  return rows.flatMap((row) => {
    const id = ids.get(keyOf(row));
    return id === undefined ? [] : [[id, row] as const];
  });
}
