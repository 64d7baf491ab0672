import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHistory } from '../../src/state/history.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { StateFileError } from '../../src/state/state-file-error.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { commit } from './batch.ts';
import { sampleChange } from './sample-change.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const events = [
  sampleEvent('migration.first_seen'),
  sampleEvent('migration.first_seen', { migration: 'users' }),
  sampleEvent('watcher.poll_failed'),
  sampleEvent('migration.ready_for_cutover'),
];
const kept = events.filter(({ event }) => event !== 'watcher.poll_failed');

describe('the history', () => {
  it('has the events in their order, beside the watcher that holds the file', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    commit(store, { ...sampleChange(), events });
    expect([...readHistory(path)]).toEqual(kept);
    commit(store, { ...sampleChange(), events: [sampleEvent('migration.completed')] });
    expect([...readHistory(path)]).toHaveLength(4);
    store.close();
    expect([...readHistory(path)]).toHaveLength(4);
  });

  it('has the events of one migration', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    commit(store, { ...sampleChange(), events });
    store.close();
    expect([...readHistory(path, 'users')]).toEqual([events[1]]);
    expect([...readHistory(path, 'nobody')]).toEqual([]);
  });

  it('is read without leaving a file behind', () => {
    const folder = temporaryDirectory();
    const path = join(folder, 'state.db');
    const store = openStore(path);
    commit(store, { ...sampleChange(), events });
    store.close();
    const before = readdirSync(folder);
    expect([...readHistory(path)]).toEqual(kept);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('can be left in the middle', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    commit(store, { ...sampleChange(), events });
    const seen = [];
    for (const event of readHistory(path)) {
      seen.push(event);
      break;
    }
    expect(seen).toEqual(kept.slice(0, 1));
    commit(store, sampleChange());
    store.close();
  });

  it('of a file that is not there is refused, and no file is made', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const read = (): unknown => [...readHistory(path)];
    expect(read).toThrow(StateFileError);
    expect(read).toThrow(
      `${path}: there is no state file yet. It is made by cutover-watch run; check state.path if one is running.`,
    );
    expect(existsSync(path)).toBe(false);
  });

  it('of a file that the watcher has only just made is empty', () => {
    const path = join(temporaryDirectory(), 'state.db');
    writeFileSync(path, '');
    expect([...readHistory(path)]).toEqual([]);
  });
});
