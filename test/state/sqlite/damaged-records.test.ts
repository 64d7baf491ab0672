import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Redactor } from '../../../src/events/redactor.ts';
import { StandardOutputSink } from '../../../src/sinks/standard-output.ts';
import { Recorder } from '../../../src/state/recorder.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { StateError } from '../../../src/state/store.ts';
import { readHistory, readMigrations } from '../read-record.ts';
import { accountOutage, batchOf, eventOf, idsOf, orders, recordedState, start } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const path = () => join(temporaryDirectory(), 'state.db');

/** Makes a state file with one row of everything, and one event that is not delivered. */
async function usedFile(file = path()): Promise<string> {
  const store = openStore(file);
  await store.commit(
    batchOf({
      states: [recordedState()],
      outages: [{ key: 'account', outage: accountOutage }],
      samples: [{ ...orders, observedAt: start, lagTimeSeconds: 4 }],
      events: [eventOf('a'), eventOf('b')],
      cursors: [{ sink: 'stdout', position: 1 }],
    }),
  );
  await store.close();
  return file;
}

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

/** Reads what a run reads at its start, and delivers what an earlier run has left; returns the delivered events. */
async function startRun(file: string): Promise<string[]> {
  const store = openStore(file);
  const lines: string[] = [];
  try {
    const sink = new StandardOutputSink({ log: store, write: ({ event }) => lines.push(event) > 0 });
    const faults: unknown[] = [];
    const onFault = (error: unknown): void => void faults.push(error);
    const recorder = await Recorder.open(store, { sinks: [sink], onFault, redactor: new Redactor() });
    await recorder.track([orders]);
    await store.samples(orders, 0);
    await recorder.maintain(start + 1_000);
    expect([faults, recorder.isStoreAvailable]).toEqual([[], true]);
    return lines;
  } finally {
    await store.close();
  }
}

const damages = [
  { what: 'a state that is no JSON', sql: `UPDATE migration SET state = '{"x'` },
  { what: 'a state of nothing', sql: "UPDATE migration SET state = '{}'" },
  {
    what: 'a state with hosts that are no list',
    sql: "UPDATE migration SET state = json_set(state, '$.known.migrationHosts', 5)",
  },
  { what: 'a sample in 285 million years', sql: 'UPDATE lag_sample SET observed_at = 9000000000000000000' },
  { what: 'a sample in 10,000 years', sql: 'UPDATE lag_sample SET observed_at = 300000000000000' },
  { what: 'a sample before 1970', sql: 'UPDATE lag_sample SET observed_at = -1' },
  { what: 'an infinite lag', sql: 'UPDATE lag_sample SET lag_time_seconds = 9e999' },
  { what: 'an outage of nothing', sql: "UPDATE outage SET state = '{}'" },
  { what: 'an outage of another scope', sql: "UPDATE outage SET scope = 'project:x'" },
  { what: 'a cursor beyond all numbers', sql: 'UPDATE cursor SET position = 9000000000000000000' },
  { what: 'a position beyond all numbers', sql: 'UPDATE event SET id = 9000000000000000000 WHERE id = 2' },
  { what: 'an undelivered event of nothing', sql: "UPDATE event SET record = '{}' WHERE id = 2" },
  { what: 'an undelivered event that is no JSON', sql: "UPDATE event SET record = '{\"' WHERE id = 2" },
  {
    what: 'an undelivered event of no known level',
    sql: "UPDATE event SET record = json_set(record, '$.level', 'loud')",
  },
  { what: 'a missing table', sql: 'DROP TABLE outage' },
  { what: 'a missing column', sql: 'ALTER TABLE cursor RENAME COLUMN position TO place' },
];

describe.each(damages)('$what', ({ sql }) => {
  it('is a damaged state file, which a run refuses in words', async () => {
    const file = await usedFile();
    change(file, sql);
    const refused = await startRun(file).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(StateError);
    expect(refused).toMatchObject({ reason: 'damaged' });
    expect((refused as StateError).message).toMatch(`${file}: the state file is damaged (`);
    expect((refused as StateError).message).toMatch('Move it away to start over');
  });
});

it('an event of a newer version is delivered and read like any other', async () => {
  const file = await usedFile();
  change(file, "UPDATE event SET record = json_set(record, '$.event', 'migration.of_a_newer_version')");
  expect(await startRun(file)).toEqual(['migration.of_a_newer_version']);
  expect((await readHistory(file)).map(({ event }) => event)).toEqual(
    Array(2).fill('migration.of_a_newer_version'),
  );
});

it('an event log that was emptied by hand takes new events, and delivers them', async () => {
  const file = await usedFile();
  change(file, 'DELETE FROM event; UPDATE cursor SET position = 40');
  const store = openStore(file);
  onTestFinished(() => store.close());
  const lines: string[] = [];
  const sink = new StandardOutputSink({
    log: store,
    write: ({ eventId }) => lines.push(String(eventId)) > 0,
  });
  const recorder = await Recorder.open(store, { sinks: [sink], onFault: () => {}, redactor: new Redactor() });
  recorder.record({ events: [eventOf('new')] });
  await recorder.flush();
  expect(lines).toEqual(['new']);
});

it('a damaged record is refused to readers in the same words', async () => {
  const file = await usedFile();
  change(file, "UPDATE event SET record = '{}' WHERE id = 1; UPDATE migration SET state = '{}'");
  const words = `${file}: the state file is damaged (`;
  await expect(readHistory(file)).rejects.toThrow(words);
  await expect(readMigrations(file, 0)).rejects.toThrow(words);
});

it('whatever byte of a state file is changed, it is used or refused in words', async () => {
  const file = await usedFile();
  const bytes = readFileSync(file);
  // A fixed sequence, spread over the pages that hold something.
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const used = [...bytes.keys()].filter((at) => bytes[at] !== 0);
  let refused = 0;
  for (let trial = 0; trial < 150; trial += 1) {
    const flipped = Buffer.from(bytes);
    for (let flip = 0; flip < 3; flip += 1) flipped[used[next(used.length)] ?? 0] = next(256);
    writeFileSync(file, flipped);
    for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    try {
      await startRun(file);
      idsOf(await readHistory(file));
    } catch (error) {
      expect(error).toBeInstanceOf(StateError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(10);
});
