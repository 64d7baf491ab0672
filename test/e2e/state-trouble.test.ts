import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { canMount, mountTiny } from '../state/mount.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { migrationEvents, type Program, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

const first = { status: 'NEW' };
const second = { status: 'WORKING', readyForCutover: false };
const third = { status: 'WORKING', readyForCutover: true };

const reported = (program: Program, name: string): EventRecord[] =>
  program.events.filter(({ event }) => event === name);

const isReady = ({ event }: EventRecord): boolean => event === 'migration.ready_for_cutover';

/** A watcher that has seen one migration, and a state file in a folder of its own. */
async function watching(folder = join(temporaryFolder(), 'state')) {
  const atlas = await startAtlas();
  atlas.say(0, first);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'state.db');
  const file = writeConfig(temporaryFolder(), {
    ...configFor(atlas.simulator.baseUrl),
    state: { path },
  });
  const program = start(['run', '-c', file]);
  await program.until(({ event }) => event === 'migration.first_seen');
  return {
    folder,
    path,
    file,
    program,
    say: (body: object) => atlas.say(0, body),
    emits: (name: string) => program.until(({ event }) => event === name),
    /** Ends the watcher, starts it again, and returns what the second one says of migrations. */
    restart: async (signal: NodeJS.Signals = 'SIGTERM') => {
      const { code } = await program.end(signal);
      const next = await runToEnd(['run', '-c', file, '--once']);
      return { code, next };
    },
  };
}

/** What goes wrong with the state file, and how it is put right again; test/faults/state-files.ts has more of it. */
const troubles: readonly (readonly [
  what: string,
  reason: string,
  begin: (paths: { folder: string; path: string }) => () => void,
])[] = [
  [
    'its folder is moved away',
    'missing',
    ({ folder }) => {
      renameSync(folder, `${folder}.away`);
      return () => renameSync(`${folder}.away`, folder);
    },
  ],
  [
    'another program locks it',
    'locked',
    ({ path }) => {
      const other = new DatabaseSync(path, { timeout: 5_000 });
      other.exec('BEGIN EXCLUSIVE');
      return () => other.close();
    },
  ],
  [
    'another file is put in its place',
    'damaged',
    ({ path }) => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, 'no database at all, but long enough to be one. '.repeat(100));
      return () => rmSync(path);
    },
  ],
];

test.each(troubles)(
  'while %s, watching goes on from memory, and a restart afterwards repeats nothing',
  async (_what, reason, begin) => {
    const { folder, path, program, say, emits, restart } = await watching();
    const repair = begin({ folder, path });
    expect(await emits('watcher.state_unavailable')).toMatchObject({ level: 'error', reason, path });
    say(second);
    await emits('migration.status_changed');
    say(third);
    await emits('migration.ready_for_cutover');
    repair();
    expect(await emits('watcher.state_recovered')).toMatchObject({ level: 'info' });
    expect(reported(program, 'watcher.state_unavailable')).toHaveLength(1);
    const { code, next } = await restart();
    expect(code).toBe(0);
    expect(migrationEvents(program.events)).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.ready_for_cutover',
    ]);
    expect(next.events[0]).toMatchObject({ event: 'watcher.started', resumed: 1 });
    expect(migrationEvents(next.events)).toEqual([]);
    expect(program.stderr + next.stderr).toBe('');
  },
);

/** Whether a state file says that all its events are written; until then, one that is may be repeated after a kill. */
function isDelivered(path: string): boolean {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  try {
    const positions = 'SELECT (SELECT position FROM cursor) = (SELECT max(id) FROM event) AS is_delivered';
    return database.prepare(positions).get()?.is_delivered === 1;
  } finally {
    database.close();
  }
}

test('a state file that is deleted is created again at once, and a restart repeats nothing', async () => {
  const { path, program, say, emits, restart } = await watching();
  execFileSync('sh', ['-c', `rm ${path}*`]);
  say(third);
  await emits('migration.ready_for_cutover');
  await expect.poll(() => isDelivered(path)).toBe(true);
  const { next } = await restart('SIGKILL');
  expect(reported(program, 'watcher.state_unavailable')).toEqual([]);
  expect(next.events[0]).toMatchObject({ event: 'watcher.started', resumed: 1 });
  expect(migrationEvents(next.events)).toEqual([]);
});

test('killed while the state file is locked, the lines of both runs hold every transition, repeated ones under another id', async () => {
  const { path, program, say, emits, restart } = await watching();
  const other = new DatabaseSync(path, { timeout: 5_000 });
  other.exec('BEGIN EXCLUSIVE');
  say(third);
  await emits('migration.ready_for_cutover');
  other.close();
  const { next } = await restart('SIGKILL');
  const events = [...program.events, ...next.events].filter(({ event }) => event.startsWith('migration.'));
  const ids = new Map(events.map(({ event, eventId }) => [eventId, event]));
  expect(new Set(ids.values())).toEqual(
    new Set(['migration.first_seen', 'migration.ready_for_cutover', 'migration.status_changed']),
  );
  // One event may be repeated under its own id: the last that was stored before the file was locked.
  expect(ids.size).toBeGreaterThanOrEqual(events.length - 1);
});

test('a reload while the state file cannot be read is refused, and works when it can be read again', async () => {
  const atlas = await startAtlas();
  atlas.say(0, first);
  atlas.say(1, third);
  const folder = temporaryFolder();
  const path = join(folder, 'state.db');
  const write = (count: number): string =>
    writeConfig(folder, { ...configFor(atlas.simulator.baseUrl, count), state: { path } });
  const earlier = await runToEnd(['run', '-c', write(2), '--once']);

  const program = start(['run', '-c', write(1)]);
  await program.until(({ event }) => event === 'watcher.started');
  renameSync(path, `${path}.old`);
  writeFileSync(path, 'no database at all, but long enough to be one. '.repeat(100));
  await program.until(({ event }) => event === 'watcher.state_unavailable');
  write(2);
  program.child.kill('SIGHUP');
  const { problems } = await program.until(({ event }) => event === 'watcher.config_rejected');
  expect(problems).toEqual([expect.stringContaining(path)]);
  renameSync(`${path}.old`, path);
  await program.until(({ event }) => event === 'watcher.state_recovered');
  program.child.kill('SIGHUP');
  expect(await program.until(({ event }) => event === 'watcher.config_reloaded')).toMatchObject({
    added: ['m1'],
  });
  await expect.poll(() => atlas.simulator.counts.total).toBeGreaterThan(3);
  expect((await program.end()).code).toBe(0);

  // What was recorded before is not reported again.
  expect(earlier.events.filter(isReady)).toHaveLength(1);
  expect(program.events.filter(isReady)).toEqual([]);
});

test('stopped while the state file cannot be used, the watcher ends with 0', async () => {
  const { folder, program, emits } = await watching();
  renameSync(folder, `${folder}.away`);
  await emits('watcher.state_unavailable');
  expect(await program.end()).toMatchObject({ code: 0 });
  expect(program.events.at(-1)?.event).toBe('watcher.stopped');
});

test('what is written back at the stop is there for the next run', async () => {
  const { folder, say, program, emits, restart } = await watching();
  renameSync(folder, `${folder}.away`);
  say(third);
  await emits('migration.ready_for_cutover');
  program.child.kill('SIGSTOP');
  renameSync(`${folder}.away`, folder);
  program.child.kill('SIGCONT');
  const { next } = await restart();
  expect(program.events.slice(-3).map(({ event }) => event)).toContain('watcher.state_recovered');
  expect(migrationEvents(next.events)).toEqual([]);
});

test.skipIf(!canMount)(
  'while the disk is full, watching goes on, and all is written when there is space (needs mount)',
  async () => {
    const { folder } = mountTiny('400k');
    const { program, path, say, emits, restart } = await watching(folder);
    execFileSync('sh', ['-c', `cat /dev/zero > ${folder}/filler 2>/dev/null || true`]);
    let step = 0;
    const change = (): void => {
      step += 1;
      say({ status: `STEP_${step}`, readyForCutover: step % 2 === 0 });
    };
    // Room that the file has already is used up first.
    const changing = setInterval(change, 250);
    await emits('watcher.state_unavailable');
    const { reason } = await emits('watcher.state_unavailable');
    expect(reason).toBe('disk_full');
    clearInterval(changing);
    say(third);
    rmSync(join(folder, 'filler'));
    await emits('watcher.state_recovered');
    await program.until(({ status }) => status === third.status);
    const { next } = await restart();
    expect(migrationEvents(next.events)).toEqual([]);
    const database = new DatabaseSync(path, { readOnly: true });
    const kept = database.prepare('SELECT count(*) AS n FROM event').get()?.n;
    database.close();
    expect(kept).toBe(migrationEvents(program.events).length);
  },
);
