import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabaseSource, openDatabaseTarget } from '../../../src/state/postgres/copy.ts';
import { openDatabaseRecord } from '../../../src/state/postgres/record.ts';
import { openDatabaseRequestBox } from '../../../src/state/postgres/request-box.ts';
import { openSharedStore } from '../../../src/state/postgres/store.ts';
import { openFileSource, openFileTarget } from '../../../src/state/sqlite/copy.ts';
import { openRequestBox } from '../../../src/state/sqlite/request-box.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../postgres/server.ts';
import { contentOf, copied, fill, filled, leaveRequests, requestOf } from '../copied-content.ts';
import { readFile } from '../read-record.ts';
import { commitEvents, eventOf } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const leaseMs = 30_000;

async function contentInFile(path: string): Promise<object> {
  const store = openStore(path);
  try {
    return await readFile(path, (record) => contentOf(record, store));
  } finally {
    await store.close();
  }
}

async function contentInDatabase(url: string): Promise<object> {
  const [record, store] = [await openDatabaseRecord(url), await openSharedStore(url, leaseMs)];
  try {
    return await contentOf(record, store);
  } finally {
    await Promise.all([record.close(), store.close()]);
  }
}

describe.skipIf(!hasPostgres)('a copy of the state (skipped without PostgreSQL)', () => {
  let server: PostgresServer;
  let folder: string;
  let path: string;
  beforeAll(async () => {
    server = await startPostgres();
    folder = mkdtempSync(join(tmpdir(), 'cutover-watch-test-'));
    path = join(folder, 'state.db');
    const store = openStore(path);
    await fill(store);
    await store.close();
    const box = await openRequestBox(path);
    await leaveRequests(box);
    await box.close();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.remove();
  });

  it('from a file into a database and back is the same in every place', async () => {
    const url = await server.newDatabase();
    const back = join(temporaryDirectory(), 'state.db');
    const counts = await copied(
      () => openFileSource(path),
      () => openDatabaseTarget(url),
    );
    expect(counts).toEqual(filled);
    expect(await contentInDatabase(url)).toEqual(await contentInFile(path));
    await copied(
      () => openDatabaseSource(url),
      () => openFileTarget(back),
    );
    expect(await contentInFile(back)).toEqual(await contentInFile(path));
    // The place is free again, and the next watcher goes on where the former one was.
    const store = await openSharedStore(url, leaseMs);
    expect(await store.lease.take()).toMatchObject({ taken: true, after: 'free' });
    expect((await commitEvents(store, eventOf('next')))[0]?.position).toBe(filled.events + 1);
    expect((await store.changesSince(0)).states).toHaveLength(filled.migrations);
    await store.close();
  });

  it('that is interrupted leaves an empty database, into which the next one goes', async () => {
    const url = await server.newDatabase();
    const cut = async () => {
      const target = await openDatabaseTarget(url);
      return { ...target, finish: () => Promise.reject(new Error('cut')) };
    };
    await expect(copied(() => openFileSource(path), cut)).rejects.toThrow('cut');
    expect(await contentInDatabase(url)).toMatchObject({ migrations: [], events: [], lastPosition: 0 });
    expect(
      await copied(
        () => openFileSource(path),
        () => openDatabaseTarget(url),
      ),
    ).toEqual(filled);
  });

  it('loses its connection as a whole', async () => {
    const url = await server.newDatabase();
    const killed = async () => {
      const target = await openDatabaseTarget(url);
      const finish = async (): Promise<void> => {
        await server.run(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = '${new URL(url).pathname.slice(1)}' AND state = 'idle in transaction'`,
        );
        await target.finish();
      };
      return { ...target, finish };
    };
    await expect(copied(() => openFileSource(path), killed)).rejects.toMatchObject({ name: 'StateError' });
    expect(await contentInDatabase(url)).toMatchObject({ migrations: [], events: [] });
  });

  it('that another watcher has overtaken stores nothing', async () => {
    const url = await server.newDatabase();
    const overtaken = async () => {
      const target = await openDatabaseTarget(url);
      const finish = async (): Promise<void> => {
        await server.run("UPDATE cutover_watch.watcher SET expires_at = '-infinity'", url);
        const watcher = await openSharedStore(url, leaseMs);
        await watcher.lease.take();
        await watcher.close();
        await target.finish();
      };
      return { ...target, finish };
    };
    await expect(copied(() => openFileSource(path), overtaken)).rejects.toThrow(
      'a watcher has taken over this database meanwhile. Nothing was copied.',
    );
    expect(await contentInDatabase(url)).toMatchObject({ migrations: [], events: [] });
  });

  it('is refused where a watcher has the database, where it has anything, and where there is nothing to copy', async () => {
    const url = await server.newDatabase();
    await expect(openDatabaseSource(url)).rejects.toThrow('no watcher has written to this database yet');
    const watcher = await openSharedStore(url, leaseMs);
    await watcher.lease.take();
    for (const open of [openDatabaseSource, openDatabaseTarget])
      await expect(open(url)).rejects.toThrow(
        / \(pid \d+\) uses this database\. Stop all its watchers first\.$/,
      );
    await watcher.lease.release();
    await watcher.close();
    const box = await openDatabaseRequestBox(url);
    await box.leave(requestOf('one'));
    await box.close();
    await expect(openDatabaseTarget(url)).rejects.toThrow(
      /^postgresql:\/\/127\.0\.0\.1:\d+\/db_\w+ has the state of a watcher already\. Copy into an empty database/,
    );
    // A refusal holds nothing.
    const next = await openSharedStore(url, leaseMs);
    expect(await next.lease.take()).toMatchObject({ taken: true });
    await next.close();
  });
});
