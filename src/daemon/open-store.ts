import type { StateSettings } from '../config/state-settings.ts';
import type { SharedStore } from '../state/leased-store.ts';
import { openStore as openFile } from '../state/sqlite/store.ts';
import type { Store } from '../state/store.ts';

/** A store; `shared` where several watchers can use it. */
export interface OpenStore {
  readonly store: Store;
  readonly shared: { readonly store: SharedStore; readonly leaseMs: number } | undefined;
}

/**
 * Opens the state file, or the database. `onCommit` gets the seconds of each commit, and `say` a sentence for people
 * where the file was of a former version. The package that reaches a database is only loaded where there is one. Rejects with a StateError where the store cannot be used.
 */
export async function openStore(
  state: StateSettings,
  onCommit: (seconds: number) => void,
  say: (sentence: string) => void,
): Promise<OpenStore> {
  if (state.kind === 'file') return { store: timed(openFile(state.path, say), onCommit), shared: undefined };
  const { openSharedStore } = await import('../state/postgres/store.ts');
  const store = timed(await openSharedStore(state.url, state.leaseMs), onCommit);
  return { store, shared: { store, leaseMs: state.leaseMs } };
}

function timed<StoreType extends Store>(store: StoreType, onCommit: (seconds: number) => void): StoreType {
  return {
    ...store,
    async commit(batch) {
      const startedAt = performance.now();
      try {
        return await store.commit(batch);
      } finally {
        onCommit((performance.now() - startedAt) / 1000);
      }
    },
  };
}
