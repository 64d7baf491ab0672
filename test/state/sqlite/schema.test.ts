import { copyFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepFormer } from '../../../src/state/sqlite/schema.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { readHistory, readMigrations } from '../read-record.ts';
import { commitEvents, eventOf, keyOf, orders, positionOf } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/**
 * A file that a watcher of schema 2 wrote for four migrations of one project: `orders` (0) became ready and the event
 * was not written, `users` (1) is complete, `billing` (2) is unreachable, `sessions` (3) is copied. It ends with five
 * unwritten `watcher.poll_failed`.
 */
const fixture = new URL('../fixtures/schema-2.db', import.meta.url).pathname;
const many = 1_000;
const keys = [0, 1, 2, 3].map((n) => keyOf(n));

function copyOf(former: string): string {
  const path = join(temporaryDirectory(), 'state.db');
  copyFileSync(former, path);
  return path;
}

function changed(path: string, sql: string): string {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}

function opened(path: string) {
  const store = openStore(path);
  onTestFinished(() => store.close());
  return store;
}

const files = [
  { version: 2, make: () => copyOf(fixture) },
  {
    version: 1,
    make: () => changed(copyOf(fixture), 'DROP INDEX event_event_id; PRAGMA user_version = 1'),
  },
];

describe.each(files)('a file of schema $version', ({ make }) => {
  it('keeps what is remembered of every migration', async () => {
    const states = await opened(make()).states(keys);
    const [ready, complete, failing, copied] = states.map(({ state }) => state);
    expect(ready).toMatchObject({
      readyBefore: true,
      readiness: { since: 1795888212958, sinceKnown: false },
      firstObservedAt: 1795888205010,
      known: { status: 'WORKING', readyForCutover: true },
    });
    expect(complete).toMatchObject({ settlement: 'COMPLETE', statusSince: 1795888208105 });
    expect(failing?.outage).toEqual({
      failures: 10,
      since: 1795888208207,
      errorType: 'network',
      reportedAt: 1795888210005,
    });
    expect(copied).toMatchObject({ lagProgress: { lowest: 8984, idleMs: 9899 }, notFoundInARow: 0 });
    expect(copied).not.toHaveProperty('readyBefore');
    for (const state of [ready, complete, failing, copied]) {
      expect(state).not.toHaveProperty('occurrences');
      expect(state).not.toHaveProperty('absences');
    }
  });

  it('keeps its events, and has those delivered that were not written', async () => {
    const store = opened(make());
    const events = await store.latestEvents(many);
    expect(events.map(({ event }) => event)).toEqual([
      'migration.first_seen',
      'migration.first_seen',
      'migration.ready_for_cutover',
      'migration.first_seen',
      'migration.first_seen',
      'migration.status_changed',
      'migration.completed',
      'watcher.unreachable',
      'migration.ready_for_cutover',
    ]);
    const unwritten = await store.eventsFrom((await positionOf(store, 'stdout')) + 1, many);
    expect(unwritten.map(({ record }) => record)).toEqual(events.slice(-1));
    expect(await store.eventsAfter(String(events[7]?.eventId), many)).toEqual(events.slice(8));
    const [, completed] = keys;
    expect(await store.latestEvents(many, completed)).toEqual([1, 2, 5, 6].map((index) => events[index]));
  });

  it('keeps its lag samples', async () => {
    const path = make();
    const before = (await readMigrations(path, 0)).map(({ samples }) => samples);
    expect(before.flat()).toHaveLength(33);
    const store = opened(path);
    const after = await Promise.all(keys.map((key) => store.samples(key, 0)));
    expect(after).toEqual(before);
  });

  it('can be read before a watcher has brought it up to date, and is not changed by that', async () => {
    const path = make();
    const read = async () => ({
      events: await readHistory(path),
      own: await readHistory(path, keys[1]),
      migrations: await readMigrations(path, 0),
    });
    const before = await read();
    expect([before.events.length, before.own.length]).toEqual([9, 4]);
    await openStore(path).close();
    expect(await read()).toEqual(before);
  });
});

it('a file whose events were all written has nothing delivered again, and new events come after the cursor', async () => {
  const path = changed(copyOf(fixture), 'UPDATE event SET written = 1');
  const store = opened(path);
  const cursor = await positionOf(store, 'stdout');
  expect(await store.eventsFrom(cursor + 1, many)).toEqual([]);
  const [entry] = await commitEvents(store, eventOf('new', orders));
  expect(entry?.position).toBeGreaterThan(cursor);
});

it('a file is brought up to date in one transaction', async () => {
  const path = changed(copyOf(fixture), 'CREATE TABLE cursor (stands_in_the_way)');
  expect(() => openStore(path)).toThrow('cursor already exists');
  expect(await readHistory(path)).toHaveLength(9);
});

it('an upgrade that keeps no copy says so', () => {
  const former = new DatabaseSync(copyOf(fixture));
  onTestFinished(() => former.close());
  const huge = {
    prepare: (sql: string) =>
      sql === 'PRAGMA page_count' ? { get: () => ({ page_count: 1e9 }) } : former.prepare(sql),
  } as unknown as DatabaseSync;
  const path = former.location() ?? '';
  expect(keepFormer(huge, path, 2)).toMatch(/No copy of the former file was kept, because it is larger/);
  expect(readdirSync(dirname(path))).toEqual(['state.db']);
});
