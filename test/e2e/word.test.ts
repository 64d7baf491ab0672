import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, type Program, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

const main = new URL('../../dist/main.js', import.meta.url).pathname;
const nobody = 65_534;
const setpriv = '/usr/bin/setpriv';
const hasSetpriv = process.getuid?.() === 0 && existsSync(setpriv);

/** A watcher whose only migration, m0, is ready for cutover. */
async function readyWatcher() {
  const atlas = await startAtlas();
  atlas.simulator.setScript(`${groupId}/${migrationId(0)}`, () => ({
    _id: migrationId(0),
    status: 'WORKING',
    readyForCutover: true,
    lagTimeSeconds: 5,
  }));
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl, 1));
  const program = start(['run', '-c', file]);
  await program.until(({ event }) => event === 'migration.ready_for_cutover');
  return { atlas, folder, file, program };
}

function hours(count: number): string {
  return new Date(Date.now() + count * 3_600_000).toISOString();
}

function word(file: string, ...args: readonly string[]) {
  return runToEnd([...args, '-c', file]);
}

/** Runs a command as another user. */
function asUser(user: number, ...args: string[]) {
  const identity = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  return spawnSync(setpriv, [...identity, process.execPath, main, ...args], {
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
}

test('beside a running watcher each word is taken up while the command waits, once, and its sentence is printed', async () => {
  const { file, program } = await readyWatcher();
  const until = hours(200);
  const extended = await word(file, 'extend', 'm0', '--until', until, '--comment', 'in the console');
  expect(extended.stdout).toMatch(/^m0 must be cut over before .*Comment: in the console\.\n$/);
  expect(extended.code).toBe(0);
  const acknowledged = await word(file, 'ack', 'm0', '--until', '12h');
  expect(acknowledged.stdout).toMatch(/^m0 is acknowledged by /);
  const planned = await word(file, 'plan', 'm0', '--at', hours(10), '--duration', '1h');
  expect(planned.stdout).toMatch(/^m0 is to be cut over at /);
  expect((await word(file, 'unack', 'm0')).stdout).toMatch(/^m0 is no longer acknowledged/);
  const refused = await word(file, 'unack', 'm0');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^m0 is as before: unack was refused\. It is not acknowledged/);
  const past = await word(file, 'extend', 'm0', '--until', '2026-01-01T00:00:00Z');
  expect(past).toMatchObject({ code: 1, stdout: '' });
  await program.end();
  const words = program.events.filter(({ requestId }) => requestId !== undefined);
  expect(words.map(({ event }) => event)).toEqual([
    'migration.window_changed',
    'migration.acknowledged',
    'migration.cutover_planned',
    'migration.acknowledgement_ended',
    'watcher.request_refused',
    'watcher.request_refused',
  ]);
  expect(words[0]).toMatchObject({ source: 'operator', to: until, comment: 'in the console' });
}, 60_000);

test('without a watcher a word waits in the state file, and a watcher killed before it took it up loses nothing', async () => {
  const { file, program } = await readyWatcher();
  // A stopped watcher holds the file, and takes nothing up.
  await suspendBetweenCommits(program, file);
  const late = await word(file, 'extend', 'm0', '--by', '24h');
  expect(late).toMatchObject({ code: 0 });
  expect(late.stdout).toMatch(/not taken up within 3 s/);
  await program.end('SIGKILL');
  const waiting = await word(file, 'ack', 'm0');
  expect(waiting).toMatchObject({ code: 0 });
  expect(waiting.stdout).toMatch(/^Recorded for m0\. The watcher takes it up when it starts/);
  expect((await word(file, 'plan', 'm0', '--at', '2026-01-01T00:00Z')).code).toBe(1);
  const next = start(['run', '-c', file]);
  await next.until(({ event }) => event === 'migration.acknowledged');
  await next.end('SIGKILL');
  const last = start(['run', '-c', file]);
  await last.until(({ event }) => event === 'watcher.started');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await last.end();
  const ids = [program, next, last]
    .flatMap(({ events }) => events)
    .filter(({ requestId }) => requestId !== undefined)
    .map(({ event, eventId }) => `${event} ${String(eventId)}`);
  expect([...new Set(ids)].map((id) => id.split(' ')[0])).toEqual([
    'migration.window_changed',
    'migration.acknowledged',
  ]);
}, 60_000);

test('before the first run of a watcher there is nothing to write to, and the sentence says so', async () => {
  const atlas = await startAtlas();
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl, 1));
  const result = await word(file, 'ack', 'm0');
  expect(result.code).toBe(73);
  expect(result.stderr).toMatch(/there is no state file yet\. Start cutover-watch run first/);
  expect(existsSync(`${folder}/state.db`)).toBe(false);
});

test.each([
  { args: ['extend', 'm0'], problem: /needs either --until/ },
  { args: ['ack', 'm9'], problem: /There is no migration "m9" in the configuration/ },
])('$args is refused with what to write instead', async ({ args, problem }) => {
  const file = writeConfig(temporaryFolder(), configFor('http://127.0.0.1:9', 1));
  const result = await word(file, ...args);
  expect(result.code).toBe(64);
  expect(result.stderr).toMatch(problem);
});

describe.skipIf(!hasSetpriv)('beside a watcher of another user (needs root and setpriv)', () => {
  test('root states a word and leaves no file that shuts the watcher out; a third user reads what to do', async () => {
    const { file, folder, program } = await readyWatcher();
    await program.end();
    for (const name of ['state.db', 'state.db.lock', 'cutover-watch.yaml'])
      chownSync(`${folder}/${name}`, nobody, nobody);
    chownSync(folder, nobody, nobody);
    chmodSync(folder, 0o755);
    chmodSync(file, 0o644);
    // Without the watcher: root makes log and shared memory, and they go away again.
    expect((await word(file, 'ack', 'm0')).stdout).toMatch(/^Recorded for m0/);
    for (const name of ['state.db', 'state.db.lock']) expect(statSync(`${folder}/${name}`).uid).toBe(nobody);
    const watcher = spawn(
      setpriv,
      [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', process.execPath, main, 'run', '-c', file],
      {
        env: { PATH: process.env.PATH, ...keyInEnvironment() },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void watcher.kill('SIGKILL'));
    await new Promise<void>((resolve) => {
      watcher.stdout.on('data', (text: Buffer) => {
        if (text.includes('"migration.acknowledged"')) resolve();
      });
    });
    // Beside it: what root writes stays the user's.
    expect((await word(file, 'extend', 'm0', '--by', '24h')).stdout).toMatch(/^m0 must be cut over before/);
    for (const name of ['state.db', 'state.db-wal', 'state.db-shm'])
      expect(statSync(`${folder}/${name}`).uid).toBe(nobody);
    const stranger = asUser(nobody - 1, 'ack', 'm0', '-c', file);
    expect(stranger.status).toBe(73);
    expect(stranger.stderr).toMatch(
      /belongs to user 65534, .* Run this as (user 65534 or as root|the owner, with --user 65534:65534)/,
    );
  }, 60_000);
});

/** Suspends a watcher while it holds no lock of its state file, which it has during a commit. */
async function suspendBetweenCommits({ child }: Program, file: string): Promise<void> {
  for (;;) {
    child.kill('SIGSTOP');
    const database = new DatabaseSync(join(dirname(file), 'state.db'), { timeout: 100 });
    try {
      database.exec('BEGIN IMMEDIATE; ROLLBACK');
      return;
    } catch {
      child.kill('SIGCONT');
    } finally {
      database.close();
    }
  }
}
