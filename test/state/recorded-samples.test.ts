import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordedSamples } from '../../src/state/recorded-samples.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { minute, orders, start } from '../watch/orders.ts';
import { commit } from './batch.ts';
import { sampleChange } from './sample-change.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describe('the recorded lag samples', () => {
  it('are those since a moment, oldest first, beside the watcher that holds the file', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    for (const minutes of [0, 1, 2]) commit(store, sampleChange(start + minutes * minute));
    const { groupId, liveMigrationId } = orders;
    expect(recordedSamples(path, start + minute)).toEqual(
      [1, 2].map((minutes) => ({
        groupId,
        liveMigrationId,
        observedAt: start + minutes * minute,
        lagTimeSeconds: 4,
      })),
    );
    store.close();
    expect(recordedSamples(path, start)).toHaveLength(3);
  });

  it('are none where there is no file, and none is made', () => {
    const path = join(temporaryDirectory(), 'state.db');
    expect(recordedSamples(path, 0)).toEqual([]);
    expect(existsSync(path)).toBe(false);
    expect(recordedSamples(':memory:', 0)).toEqual([]);
  });

  it('are none in a file that is not of this program', () => {
    const path = join(temporaryDirectory(), 'state.db');
    for (const content of ['', 'This is no database.'.repeat(100)]) {
      writeFileSync(path, content);
      expect(recordedSamples(path, 0)).toEqual([]);
    }
  });
});
