import { execFile, spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { localTimes } from '../../src/cli/local-times.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { fastClock, libfaketime, unthrottled } from '../faults/fake-clock.ts';
import { batchOf } from '../state/sample-change.ts';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { apiKey, keyInEnvironment, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

async function atlasWith(count: number, adapt = (config: Record<string, object>) => config) {
  const atlas = await startAtlas();
  for (let n = 0; n < count; n += 1)
    atlas.say(n, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 90 });
  return { atlas, file: writeConfig(temporaryFolder(), adapt(configFor(atlas.simulator.baseUrl, count))) };
}

test('wait ends with 0 when every named migration is ready, and says until when', async () => {
  const { atlas, file } = await atlasWith(2);
  const program = start(['wait', '-c', file, 'm0']);
  await expect.poll(() => program.stderr).toContain('m0 is watched');
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  expect((await program.ended).code).toBe(0);
  expect(program.stdout).toMatch(/^m0 is ready for cutover\. Cut over within 5 d \(before [^)]+\)\.\n$/);
  expect(program.stderr).toContain('m0 is ready for cutover.');
});

test('wait says the deadline that a watcher has recorded, and writes nothing', async () => {
  const { atlas, file } = await atlasWith(1);
  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 });
  const path = join(dirname(file), 'state.db');
  const store = openStore(path);
  const since = Date.now() - 100 * 3_600_000;
  const state = {
    ...initialState(since),
    known: { status: 'WORKING', readyForCutover: true },
    observation: { status: 'WORKING', readyForCutover: true, observedAt: since },
    readiness: { since, sinceKnown: true },
  };
  await store.commit(batchOf({ states: [{ groupId, liveMigrationId: migrationId(0), state }] }));
  await store.close();
  const before = statSync(path).mtimeMs;
  const { code, stdout, stderr } = await runToEnd(['wait', '-c', file]);
  const deadline = localTimes().momentOf(since + 120 * 3_600_000);
  expect(stdout).toMatch(/^m0 is ready for cutover\. Cut over within (?:20 h|19 h 59 min) /);
  expect(stdout).toContain(` (before ${deadline}).\n`);
  expect(stderr).toContain('m0 is watched: WORKING, 4 s behind, ready for cutover.');
  expect({ code, writtenAt: statSync(path).mtimeMs }).toEqual({ code: 0, writtenAt: before });
});

test('wait --for complete goes on past readiness and through faults', async () => {
  const { atlas, file } = await atlasWith(1);
  const program = start(['wait', '-c', file, '--for', 'complete']);
  await expect.poll(() => program.stderr).toContain('m0 is watched');
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  await expect.poll(() => program.stderr).toContain('m0 is ready for cutover');
  let faults = 0;
  atlas.simulator.setScript(`${groupId}/${migrationId(0)}`, () => {
    faults += 1;
    throw new Error('answered with HTTP 500');
  });
  await expect.poll(() => faults).toBeGreaterThan(1);
  atlas.say(0, { status: 'COMPLETE' });
  expect((await program.ended).code).toBe(0);
  expect(program.stdout).toBe('m0 is complete.\n');
});

test('wait ends with 1 when a migration has settled otherwise, or when the time has run out', async () => {
  const { atlas, file } = await atlasWith(2);
  const late = await runToEnd(['wait', '-c', file, '--timeout', '2s']);
  expect(late.code).toBe(1);
  expect(late.stdout).toMatch(/^Timed out after 2 s: 0 of 2 ready\.\nm0 .*\nm1 .*\n$/);
  atlas.say(1, { status: 'FAILED' });
  const failed = await runToEnd(['wait', '-c', file]);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/^Stopped waiting: m1 failed\.\n/);
  atlas.say(1, { status: 'COMPLETE', readyForCutover: true });
  const complete = await runToEnd(['wait', '-c', file, '--for', 'ready', 'm1']);
  expect(complete.code).toBe(1);
  expect(complete.stdout).toBe(
    'Stopped waiting: m1 is already complete.\nThere is nothing left to cut over.\n',
  );
});

test('the time of a wait runs out where nothing listens, and it says why nothing was read', async () => {
  const file = writeConfig(temporaryFolder(), configFor('http://127.0.0.1:1', 2));
  const { code, stdout, stderr } = await runToEnd(['wait', '-c', file, '--timeout', '3s']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Atlas can't be read for 2 migrations of the account \(since .*ECONNREFUSED/);
  expect(stdout).toMatch(
    /^Timed out after 3 s: 0 of 2 ready\.\nNone of 2 migrations could be read: .*ECONNREFUSED.*\n$/,
  );
});

test('wait refuses names and times it cannot make sense of with 64, all at once', async () => {
  const { file } = await atlasWith(2);
  const { code, stderr } = await runToEnd(['wait', '-c', file, '--timeout', '2x', 'm7', 'orders']);
  expect(code).toBe(64);
  for (const word of ['--timeout "2x"', 'm7', 'orders']) expect(stderr).toContain(word);
});

test('wait ends with 77 when the credentials are refused from the first', async () => {
  const { file } = await atlasWith(2);
  const env = keyInEnvironment({ publicKey: 'abcdefgh', privateKey: 'not-the-key-at-all' });
  const { code, stdout, stderr } = await runToEnd(['wait', '-c', file], env);
  expect(code).toBe(77);
  expect(stdout).toMatch(
    /^Stopped waiting: Atlas refuses the credentials\.\nAtlas was asked with the public key /,
  );
  expect(stdout.match(/Check the public and private key/g)).toHaveLength(1);
  expect(stdout + stderr).not.toContain('not-the-key-at-all');
});

test('two waits run beside a daemon, and a signal ends one with 1', async () => {
  const { atlas, file } = await atlasWith(1);
  const daemon = start(['run', '-c', file]);
  await daemon.until(({ event }) => event === 'migration.first_seen');
  const waits = [start(['wait', '-c', file]), start(['wait', '-c', file])];
  for (const wait of waits) await expect.poll(() => wait.stderr).toContain('m0 is watched');
  const ended = await waits[0]?.end('SIGINT');
  expect(ended?.code).toBe(1);
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  expect((await waits[1]?.ended)?.code).toBe(0);
  await daemon.until(({ event }) => event === 'migration.ready_for_cutover');
  expect((await daemon.end()).code).toBe(0);
});

test('a second signal at once does not take the last words away', async () => {
  const { file } = await atlasWith(1);
  const program = start(['wait', '-c', file]);
  await expect.poll(() => program.stderr).toContain('m0 is watched');
  program.child.kill('SIGINT');
  program.child.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.stdout).toBe(
    'Interrupted: 0 of 1 ready.\nm0 is not ready for cutover: WORKING, 1 min 30 s behind.\n',
  );
});

test('a key that is rotated while wait waits is read again, and ends the refusal', async () => {
  const { atlas, file } = await atlasWith(2);
  const key = join(temporaryFolder(), 'key');
  writeFileSync(key, apiKey.privateKey, { mode: 0o600 });
  const env = { MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY_FILE: key };
  const program = start(['wait', '-c', file], env);
  for (const name of ['m0', 'm1']) await expect.poll(() => program.stderr).toContain(`${name} is watched`);
  const rotated = { ...apiKey, privateKey: 'fedcba98-76ab-4cde-8f01-23456789abcd' };
  writeFileSync(key, rotated.privateKey);
  await atlas.simulator.close();
  const next = await startAtlas({ credentials: rotated, port: atlas.simulator.port });
  for (const n of [0, 1]) next.say(n, { status: 'WORKING', readyForCutover: true });
  expect((await program.ended).code).toBe(0);
  expect(program.stdout + program.stderr).not.toContain(rotated.privateKey);
});

test.skipIf(!libfaketime.here)(
  'while the credentials are refused, wait tries them with one migration a minute, and goes on with all (skipped without libfaketime)',
  async () => {
    const all = [0, 1, 2];
    const { atlas, file } = await atlasWith(all.length, unthrottled);
    const { port } = atlas.simulator;
    const program = start(['wait', '-c', file], { ...keyInEnvironment(), ...fastClock() });
    for (const n of all) await expect.poll(() => program.stderr).toContain(`m${n} is watched`);
    await atlas.simulator.close();
    const credentials = { ...apiKey, privateKey: 'fedcba98-76ab-4cde-8f01-23456789abcd' };
    const { simulator: locked } = await startAtlas({ credentials, port });
    const asked = (n: number) => locked.requests.filter(({ path }) => path.endsWith(migrationId(n))).length;
    await expect.poll(() => Math.min(...all.map(asked))).toBeGreaterThan(0);
    // One of them is tried again and again; the others wait for it.
    const counts = () => all.map(asked).toSorted((one, other) => one - other);
    await expect.poll(() => (counts().at(-1) ?? 0) / (counts().at(-2) ?? 1)).toBeGreaterThan(2.9);
    await locked.close();
    const next = await startAtlas({ port });
    for (const n of all) next.say(n, { status: 'WORKING', readyForCutover: true });
    expect((await program.ended).code).toBe(0);
    for (const n of all) expect(program.stdout).toContain(`m${n} is ready for cutover`);
  },
);

const hasScript = spawnSync('script', ['--version']).status === 0;

/** Runs the program on a terminal of this width, and returns what it wrote there. */
async function onTerminal(columns: number, args: readonly string[]): Promise<string> {
  const main = new URL('../../dist/main.js', import.meta.url).pathname;
  const command = `stty cols ${columns}; exec ${process.execPath} ${main} ${args.join(' ')}`;
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm', ...keyInEnvironment() };
  const run = promisify(execFile)('script', ['-qec', command, '/dev/null'], { env });
  return (await run.catch((error: { stdout: string }) => error)).stdout;
}

test.skipIf(!hasScript)(
  'on a terminal the progress is one line that fits and is erased (skipped without script of util-linux)',
  async () => {
    const columns = 40;
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 90 });
    const config = configFor(atlas.simulator.baseUrl);
    const name = 'サーバーの移行';
    const migrations = [{ name, groupId, liveMigrationId: migrationId(0) }];
    const file = writeConfig(temporaryFolder(), { ...config, migrations });
    const written = await onTerminal(columns, ['wait', '-c', file, '--timeout', '4s']);
    const [progress = '', rest = ''] = written.split('Timed out after 4 s');
    // Wrapped between words.
    for (const line of rest.split('\r\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(rest.replaceAll(/\r\n +/g, ' ')).toContain(
      `${name} is not ready for cutover: WORKING, 1 min 30 s behind.`,
    );
    const drawn = progress.split('\r');
    expect(drawn[0]).toBe('');
    for (const line of drawn) expect(stringWidth(line)).toBeLessThan(columns);
    const lines = drawn.filter((line) => line.includes(name.slice(0, 4)));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.at(-1)).toMatch(/ {2}WORKING, no estimate yet\s*$/);
    // Spaces over all of the last line, and the cursor back at its beginning.
    expect(drawn.slice(-2)).toEqual([' '.repeat(stringWidth(lines.at(-1)?.trimEnd() ?? '')), '']);
    for (const other of ['\n', '\u001b']) expect(progress).not.toContain(other);
  },
);
