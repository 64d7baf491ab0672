import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StateRecord } from '../../../src/state/record.ts';
import { openRecordFile } from '../../../src/state/sqlite/reader.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { StateError } from '../../../src/state/store.ts';
import { orders, play } from '../../watch/sample-migrations.ts';
import type { Target } from '../target.ts';

const { state, steps } = play([{ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 }]);
const events = steps.flat();

/** Texts in the rows of a state file: they are read, or the file is called damaged. */
export const target: Target = {
  corpus: [JSON.stringify(state), ...events.map((event) => JSON.stringify(event))],
  runs: [
    ['[', '['],
    ['{"a":', '{"a":'],
    ['"', '\\'],
    ['9', '9'],
    ['"unseen":[', '{},'],
  ],
  tokens: [
    [
      'null',
      '{}',
      '[]',
      '[',
      '{',
      '"',
      '\\',
      '-1',
      '1e999',
      'true',
      ',',
      ':',
      '\0',
      '\ud800',
      '"a":',
      '9e18',
    ],
    [
      '"__proto__":',
      '"known":',
      '"outage":',
      '"gaps":',
      '"observation":',
      '"event":',
      '"time":',
      '"unseen":',
    ],
  ].flat(),
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-fuzz-'));
    const path = join(folder, 'state.db');
    const store = openStore(path);
    const { groupId, liveMigrationId } = orders;
    if (state === undefined) throw new Error('A poll leaves a state.');
    const states = [{ groupId, liveMigrationId, state }];
    await store.commit({ states, events, outages: [], samples: [], cursors: [] });
    await store.close();
    const database = new DatabaseSync(path);
    const updates = ['UPDATE migration SET state = ?', 'UPDATE event SET record = ?'].map((sql) =>
      database.prepare(sql),
    );
    return {
      async run(input) {
        for (const update of updates) update.run(input);
        for (const read of [readEvents, readReports, readStored]) {
          const record = await openRecordFile(path);
          try {
            await read(record);
          } catch (error) {
            if (!(error instanceof StateError)) throw error;
          } finally {
            await record.close();
          }
        }
      },
      close() {
        database.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

async function readEvents(record: StateRecord): Promise<void> {
  await Array.fromAsync(record.events());
}

/** Reads what a report reads. */
async function readReports(record: StateRecord): Promise<void> {
  await record.latestEvents();
  await record.calledBefore(orders.name);
  for (const migration of await record.migrations()) {
    await Array.fromAsync(record.events(migration));
    await record.migration(migration, 0);
  }
}

async function readStored(record: StateRecord): Promise<void> {
  await Array.fromAsync(record.stored(await record.migrations(), 0));
}
