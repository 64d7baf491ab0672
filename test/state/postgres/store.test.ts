import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { openSharedStore } from '../../../src/state/postgres/store.ts';
import type { SharedStore } from '../../../src/state/shared-store.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../postgres/server.ts';
import { describeStore } from '../store-contract.ts';

describe.skipIf(!hasPostgres)('PostgreSQL (skipped without its server)', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  async function opened(): Promise<SharedStore> {
    const store = await openSharedStore(await server.newDatabase(), 30_000);
    onTestFinished(() => store.close());
    await store.lease.take();
    return store;
  }

  describeStore('a database', opened);
});
