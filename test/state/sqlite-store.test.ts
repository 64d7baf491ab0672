import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/state/sqlite-store.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { minute, orders, start } from '../watch/sample-migrations.ts';
import { commit, markWritten } from './batch.ts';
import { sampleChange } from './sample-change.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const { groupId, liveMigrationId } = orders;

function samplesIn(path: string): number[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('SELECT observed_at FROM lag_sample ORDER BY observed_at').all();
  database.close();
  return rows.map((row) => Number(row.observed_at));
}

describe.each(['a file', 'memory'])('a store in %s', (where) => {
  const newPath = (): string => (where === 'memory' ? ':memory:' : join(temporaryDirectory(), 'state.db'));

  it('returns the state it was given, and nothing of other migrations', () => {
    const store = openStore(newPath());
    const change = sampleChange();
    commit(store, change);
    expect(store.load(groupId, liveMigrationId)).toEqual(change.state);
    expect(store.load(groupId, '0'.repeat(24))).toBeUndefined();
    expect(store.load('0'.repeat(24), liveMigrationId)).toBeUndefined();
    store.close();
  });

  it('keeps only the latest state of a migration', () => {
    const store = openStore(newPath());
    const change = sampleChange();
    commit(store, change);
    commit(store, { ...change, events: [], state: { ...change.state, absences: 1 } });
    expect(store.load(groupId, liveMigrationId)).toEqual({ ...change.state, absences: 1 });
    store.close();
  });

  it('has events unwritten, in their order, until they are marked', () => {
    const store = openStore(newPath());
    const { events } = sampleChange();
    const entries = commit(store, sampleChange());
    expect(entries.map(({ record }) => record)).toEqual(events);
    expect(store.unwritten(100)).toEqual(entries);
    markWritten(store, entries.slice(0, 1));
    expect(store.unwritten(100)).toEqual(entries.slice(1));
    expect(store.unwritten(100, entries[1]?.id)).toEqual([]);
    markWritten(store, []);
    markWritten(store, entries);
    expect(store.unwritten(100)).toEqual([]);
    store.close();
  });

  it('returns recorded events from a given one on, and the latest', () => {
    const store = openStore(newPath());
    expect(store.eventsAfter(undefined, 10)).toEqual([]);
    expect(store.latestEvents(10)).toEqual([]);
    const { events } = sampleChange();
    const passing = sampleEvent('watcher.poll_failed', { eventId: 'f'.repeat(32) });
    commit(store, { ...sampleChange(), events: [...events.slice(0, 1), passing, ...events.slice(1)] });
    const [first, second] = events.map(({ eventId }) => String(eventId));
    expect(store.eventsAfter(undefined, 10)).toEqual(events);
    expect(store.eventsAfter(undefined, 1)).toEqual(events.slice(0, 1));
    expect(store.eventsAfter(first, 10)).toEqual(events.slice(1));
    expect(store.eventsAfter(second, 10)).toEqual([]);
    expect(store.latestEvents(1)).toEqual(events.slice(1));
    expect(store.latestEvents(10)).toEqual(events);
    expect(store.latestEvents(1, 'orders')).toEqual(events.slice(1));
    expect(store.latestEvents(10, 'sales')).toEqual([]);
    // What is not kept is nothing to go on after.
    expect(store.eventsAfter('f'.repeat(32), 10)).toBeUndefined();
    store.close();
  });

  it('stores all of several changes or none', () => {
    const store = openStore(newPath());
    const good = sampleChange();
    const bad = { ...good, sample: { observedAt: start, lagTimeSeconds: Number.NaN } };
    expect(() => commit(store, good, bad)).toThrow('NOT NULL');
    expect(store.load(groupId, liveMigrationId)).toBeUndefined();
    expect(store.unwritten(100)).toEqual([]);
    expect(commit(store, good)).toHaveLength(2);
    store.close();
  });
});

describe('a store in a file', () => {
  it('is there again when it is opened again', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const first = openStore(path);
    const entries = commit(first, sampleChange());
    first.close();
    const second = openStore(path);
    expect(second.load(groupId, liveMigrationId)).toEqual(sampleChange().state);
    expect(second.unwritten(100)).toEqual(entries);
    second.close();
  });

  it('makes the folders it needs, closed to others', () => {
    const folder = join(temporaryDirectory(), 'a', 'b');
    openStore(join(folder, 'state.db')).close();
    expect(existsSync(join(folder, 'state.db'))).toBe(true);
    expect(statSync(folder).mode & 0o007).toBe(0);
  });

  it('accepts an empty file as a new one', () => {
    const path = join(temporaryDirectory(), 'state.db');
    new DatabaseSync(path).close();
    const store = openStore(path);
    expect(store.unwritten(100)).toEqual([]);
    store.close();
  });

  it('keeps one lag sample a moment and forgets old ones', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    for (const at of [start, start, start + minute, start + 2 * minute]) commit(store, sampleChange(at));
    expect(samplesIn(path)).toEqual([start, start + minute, start + 2 * minute]);
    store.pruneSamples(start + minute, 10);
    expect(samplesIn(path)).toEqual([start + minute, start + 2 * minute]);
    store.close();
  });

  it('forgets the oldest samples first, so many in one go', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    const moments = Array.from({ length: 5 }, (_, index) => start + index * minute);
    for (const at of moments.toReversed()) commit(store, sampleChange(at));
    store.pruneSamples(start + 4 * minute, 3);
    expect(samplesIn(path)).toEqual(moments.slice(3));
    store.pruneSamples(start + 4 * minute, 3);
    expect(samplesIn(path)).toEqual(moments.slice(4));
    store.close();
  });
});

it('a store in memory leaves no file behind, and two of them know nothing of each other', () => {
  const first = openStore(':memory:');
  const second = openStore(':memory:');
  commit(first, sampleChange());
  expect(second.unwritten(100)).toEqual([]);
  first.close();
  second.close();
  expect(existsSync(':memory:')).toBe(false);
});

it('a file of the version before is brought up to date, with its events', () => {
  const path = join(temporaryDirectory(), 'state.db');
  const former = openStore(path);
  const { events } = sampleChange();
  commit(former, sampleChange());
  former.close();
  const database = new DatabaseSync(path);
  database.exec('DROP INDEX event_event_id; PRAGMA user_version = 1');
  database.close();

  const store = openStore(path);
  expect(store.eventsAfter(String(events[0]?.eventId), 10)).toEqual(events.slice(1));
  store.close();
  const upgraded = new DatabaseSync(path, { readOnly: true });
  expect(upgraded.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
  upgraded.close();
});
