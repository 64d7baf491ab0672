import type { Batch, Change, OutboxEntry, Store } from '../../src/state/store.ts';

/** Returns what is to be stored of these changes, none of whose events has been written. */
export function batchOf(...changes: readonly Change[]): Batch {
  return {
    states: changes,
    samples: changes.flatMap(({ groupId, liveMigrationId, sample }) =>
      sample === undefined ? [] : [{ groupId, liveMigrationId, ...sample }],
    ),
    events: changes.flatMap(({ events }) => events.map((record) => ({ record, written: false }))),
    written: [],
  };
}

/** Stores changes and returns their events, which are now to be written. */
export function commit(store: Store, ...changes: readonly Change[]): OutboxEntry[] {
  const batch = batchOf(...changes);
  const ids = store.commit(batch);
  return batch.events.map(({ record }, index) => ({ id: ids[index] ?? 0, record }));
}

export function markWritten(store: Store, entries: readonly OutboxEntry[]): void {
  store.commit({ states: [], samples: [], events: [], written: entries.map(({ id }) => id) });
}
