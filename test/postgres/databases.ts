import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import type { SharedStore } from '../../src/state/leased-store.ts';
import { openSharedStore } from '../../src/state/postgres/store.ts';
import { hasPostgres, type PostgresServer, startPostgres } from './server.ts';

/** What the tests of a file have of their server. */
export interface Databases {
  readonly server: PostgresServer;
  /** Opens a store, which the test closes. Without a URL it has an empty database of its own. */
  opened(url?: string, leaseMs?: number, deadlineMs?: number): Promise<SharedStore>;
  /** Does the same, and takes the lease. */
  held(url?: string, leaseMs?: number, deadlineMs?: number): Promise<SharedStore>;
}

/** Describes what is tested with a server of its own, and is skipped by name where there is none. */
export function describeWithPostgres(name: string, tests: (databases: Databases) => void): void {
  describe.skipIf(!hasPostgres)(`${name}${hasPostgres ? '' : ' (there is no PostgreSQL server)'}`, () => {
    let running: PostgresServer | undefined;
    beforeAll(async () => {
      running = await startPostgres();
    });
    afterAll(() => running?.remove());
    const opened: Databases['opened'] = async (url, leaseMs = 30_000, deadlineMs) => {
      const store = await openSharedStore(
        url ?? (await databases.server.emptyDatabase()),
        leaseMs,
        deadlineMs,
      );
      onTestFinished(() => store.close());
      return store;
    };
    const databases: Databases = {
      get server() {
        if (running === undefined) throw new Error('the server is not started yet');
        return running;
      },
      opened,
      async held(url, leaseMs, deadlineMs) {
        const store = await opened(url, leaseMs, deadlineMs);
        await store.lease.take();
        return store;
      },
    };
    tests(databases);
  });
}
