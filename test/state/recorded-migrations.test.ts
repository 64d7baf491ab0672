import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMigrations } from '../../src/state/recorded-migrations.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { StateFileError } from '../../src/state/state-file-error.ts';
import { minute, orders, start } from '../watch/sample-migrations.ts';
import { commit } from './batch.ts';
import { sampleChange } from './sample-change.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describe('the recorded migrations', () => {
  it('are what the watcher remembers, with the samples since a moment, beside it', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    for (const minutes of [0, 1, 2]) commit(store, sampleChange(start + minutes * minute));
    const { groupId, liveMigrationId } = orders;
    const samples = [0, 1, 2].map((minutes) => ({ observedAt: start + minutes * minute, lagTimeSeconds: 4 }));
    const { state } = sampleChange();
    expect([...readMigrations(path, start + minute)]).toEqual([
      { groupId, liveMigrationId, state, samples: samples.slice(1) },
    ]);
    store.close();
    expect([...readMigrations(path, 0)]).toEqual([{ groupId, liveMigrationId, state, samples }]);
  });

  it('are none in a file that the watcher has only just made', () => {
    const path = join(temporaryDirectory(), 'state.db');
    writeFileSync(path, '');
    expect([...readMigrations(path, 0)]).toEqual([]);
  });

  it('of a file that is not there, or not of this program, are refused, and nothing is made', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const read = (): unknown => [...readMigrations(path, 0)];
    expect(read).toThrow(`${path}: there is no state file yet.`);
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'This is no database.'.repeat(100));
    expect(read).toThrow(StateFileError);
    expect(() => [...readMigrations(':memory:', 0)]).toThrow('state.path is :memory:, which keeps nothing');
  });
});
