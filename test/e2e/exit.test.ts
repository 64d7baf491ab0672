import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canMount, mountTiny } from '../state/mount.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import {
  apiKey,
  compileCache,
  keyInEnvironment,
  type Program,
  runToEnd,
  start,
  temporaryFolder,
  writeConfig,
} from './program.ts';

const root = new URL('../..', import.meta.url).pathname;
const main = join(root, 'dist/main.js');

function pipeAt(path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}

/** Code that runs before the program. */
function preload(code: string): Record<string, string> {
  return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"` };
}

/** A thread that hangs, as in a name lookup or a file of a lost mount: nothing opens the other end of this pipe. */
function hungThread(folder: string): Record<string, string> {
  const pipe = pipeAt(join(folder, 'hung'));
  return preload(`import { open } from 'node:fs/promises'; void open('${pipe}');`);
}

async function startWatching(env: Record<string, string> = {}) {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING' });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const program = start(['run', '-c', file], { ...keyInEnvironment(), ...env });
  await program.until(({ event }) => event === 'migration.first_seen');
  return { atlas, folder, file, program };
}

/** On a busy machine everything is late; what hangs would hang for good. */
const soonMs = 5_000;

/** Sends a signal, and expects the process to be gone soon after its last line. */
async function expectPromptEnd(program: Program, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const ending = program.end(signal);
  await program.until(({ event }) => event === 'watcher.stopped');
  const stopped = performance.now();
  expect(await ending).toMatchObject({ code: 0, signal: null });
  expect(performance.now() - stopped).toBeLessThan(soonMs);
}

test('a thread that hangs delays no exit, and changes no exit code and no output', async () => {
  const folder = temporaryFolder();
  const env = hungThread(folder);
  const { program } = await startWatching(env);
  await expectPromptEnd(program);
  const plain = await runToEnd(['schema', 'events']);
  expect(await runToEnd(['schema', 'events'], env)).toMatchObject({
    code: 0,
    stdout: plain.stdout,
    stderr: '',
  });
  expect(await runToEnd(['run', '-c', join(folder, 'none.yaml')], env)).toMatchObject({ code: 78 });
});

test('SIGTERM ends the program while its configuration does not answer', async () => {
  const pipe = pipeAt(join(temporaryFolder(), 'pipe'));
  // The last listener that is installed before the program is loaded.
  const env = preload(
    "process.on('newListener', (name) => name === 'SIGUSR2' && process.kill(process.pid, 'SIGTERM'));",
  );
  const program = start(['run', '-c', pipe], { ...keyInEnvironment(), ...env });
  expect(await program.ended).toEqual({ code: 0, signal: null });
  // A command that does not listen has the default action.
  const other = start(['validate', '-c', pipe], { ...keyInEnvironment(), ...env });
  expect(await other.ended).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a pipe is read once: later reloads say so, a regular file in its place is read, and a stop ends it', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING' });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const key = pipeAt(join(folder, 'key'));
  const { MONGODB_ATLAS_PUBLIC_API_KEY = '' } = keyInEnvironment();
  const env = { MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY_FILE: key };
  const program = start(['run', '-c', file], env);
  execFileSync('sh', ['-c', 'printf %s "$1" > "$2"', 'sh', apiKey.privateKey, key]);
  await program.until(({ event }) => event === 'migration.first_seen');
  program.child.kill('SIGHUP');
  const rejected = await program.until(({ event }) => event === 'watcher.config_rejected');
  expect(rejected.problems).toEqual([
    expect.stringContaining('can be read only once. Restart cutover-watch'),
  ]);
  rmSync(key);
  writeFileSync(key, apiKey.privateKey, { mode: 0o600 });
  program.child.kill('SIGHUP');
  await program.until(({ event }) => event === 'watcher.config_reloaded');
  renameSync(file, `${file}.old`);
  pipeAt(file);
  program.child.kill('SIGHUP');
  await expectPromptEnd(program);
});

test('SIGUSR1 opens no debugger, SIGUSR2 ends nothing, and SIGQUIT is a stop', async () => {
  const { atlas, program } = await startWatching();
  program.child.kill('SIGUSR1');
  program.child.kill('SIGUSR2');
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  await program.until(({ event }) => event === 'migration.ready_for_cutover');
  expect(program.stderr).toBe('');
  await expectPromptEnd(program, 'SIGQUIT');
});

/** Runs the program with these streams; returns its exit code, and its standard error where that is a pipe. */
async function runInto(args: readonly string[], stdout: number | 'ignore', stderr: number | 'pipe' = 'pipe') {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', stdout, stderr],
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      NODE_COMPILE_CACHE: compileCache,
      ...keyInEnvironment(),
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return await new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, said }));
  });
}

const file = join(root, 'config/cutover-watch.example.yaml');

test.each([['schema', 'config'], ['validate', '-c', file], ['--help'], ['--version'], ['help', 'run']])(
  'a result that cannot be written is 74 and a sentence: %s',
  async (...args) => {
    const { code, said } = await runInto(args, openSync('/dev/full', 'w'));
    expect(code).toBe(74);
    expect(said).toContain(
      'The result could not be written to standard output: no space is left there (ENOSPC).',
    );
  },
);

test.skipIf(!canMount)('half a result is no result (needs the right to mount)', async () => {
  const { folder } = mountTiny('4k');
  const { code } = await runInto(['schema', 'events'], openSync(join(folder, 'out'), 'w'));
  expect(code).toBe(74);
});

test('a standard error that is full changes no exit code and ends no watch', async () => {
  const full = openSync('/dev/full', 'w');
  expect((await runInto(['validate', '-c', file], 'ignore', full)).code).toBe(0);
  expect((await runInto(['validate', '-c', `${file}.none`], 'ignore', full)).code).toBe(78);
  const atlas = await startAtlas();
  atlas.say(0, { status: 'COMPLETE' });
  const folder = temporaryFolder();
  const key = join(folder, 'key');
  // Open to everybody, which is worth a sentence.
  writeFileSync(key, apiKey.privateKey, { mode: 0o644 });
  const config = configFor(atlas.simulator.baseUrl);
  const auth = { publicKey: apiKey.publicKey, privateKeyFile: key };
  const path = writeConfig(folder, { ...config, atlas: { ...config.atlas, auth } });
  const child = spawn(process.execPath, [main, 'run', '--exit-when-settled', '-c', path], {
    stdio: ['ignore', 'ignore', full],
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await new Promise((resolve) => void child.once('exit', resolve))).toBe(0);
});

test.each(['SIGTERM', 'SIGKILL'] as const)('%s to npm start leaves nothing behind', async (signal) => {
  const atlas = await startAtlas();
  const folder = temporaryFolder();
  const path = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  mkdirSync(join(folder, 'home'));
  const child = spawn('npm', ['start', '--silent', '--', 'run', '-c', path], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: join(folder, 'home'), ...keyInEnvironment() },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let lines = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text;
  });
  const closed = new Promise((resolve) => void child.once('close', resolve));
  await expect.poll(() => lines, { interval: 50 }).toContain('watcher.started');
  child.kill(signal);
  // The program holds standard output until it ends.
  await closed;
  expect(lines.trim().split('\n').at(-1)).toContain('watcher.stopped');
});
