import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canMount, mountTiny } from '../state/mount.ts';

const output = new URL('../../src/daemon/stdout.ts', import.meta.url).href;

/** Offers numbered lines until they are refused, then again whenever the output calls back, until all are taken. */
function offer(lines: number, bytes: number): string {
  return `
    import { openStandardOutput } from ${JSON.stringify(output)};
    const output = openStandardOutput();
    let next = 0;
    const offer = () => {
      for (; next < ${lines}; next += 1) {
        if (!output.write(String(next).padStart(${bytes - 1}, '.') + '\\n')) return;
      }
      clearInterval(alive);
      console.error('all');
    };
    const alive = setInterval(() => {}, 1000);
    process.on('SIGTERM', () => { console.error('stopped at', next); process.exit(0); });
    output.onRetry(offer);
    offer();
    console.error('free');`;
}

/** Runs a script whose standard output nobody reads yet: a socket, or the pipe of a shell. */
function start(kind: 'socket' | 'pipe', source: string) {
  const node = [process.execPath, '--input-type=module', '-e', source] as const;
  const pipe = ['sh', '-c', 'trap "" TERM; "$@" | { read line <&3; cat; }', 'sh', ...node] as const;
  const [file, ...args] = kind === 'socket' ? node : pipe;
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe', kind === 'pipe' ? 'pipe' : 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  let stdout = '';
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve();
      };
      child.stderr?.on('data', look);
      look();
    });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const read = (): void => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const begin = child.stdio[3];
    if (begin !== null && begin !== undefined && 'write' in begin) begin.write('go\n');
  };
  return { child, said, read, stdout: () => stdout, stderr: () => stderr, closed: once(child, 'close') };
}

describe.each(['socket', 'pipe'] as const)('a %s that nobody reads', (kind) => {
  it.each([
    ['short', 900, 1_000],
    ['torn', 200, 7_001],
  ])(
    'does not hold up the program, and gets every %s line once when it is read',
    async (_what, lines, bytes) => {
      const { said, read, stdout, stderr, closed } = start(kind, offer(lines, bytes));
      await said('free');
      await delay(300);
      expect(stderr()).toBe('free\n');
      read();
      await closed;
      expect(stderr()).toContain('all');
      const got = stdout().trimEnd().split('\n');
      expect(got.map((line) => Number(line.replaceAll('.', '')))).toEqual(
        Array.from({ length: lines }, (_, n) => n),
      );
    },
  );
});

it('a line that was written in part is completed where another one is offered in its place', async () => {
  const { said, read, stdout, closed } = start(
    'socket',
    `
    import { openStandardOutput } from ${JSON.stringify(output)};
    const output = openStandardOutput();
    const alive = setInterval(() => {}, 1000);
    while (output.write('.'.repeat(7000) + '\\n'));
    output.onRetry(() => {
      if (output.write('another\\n')) clearInterval(alive);
    });
    console.error('full');`,
  );
  await said('full');
  read();
  await closed;
  const lines = stdout().trimEnd().split('\n');
  expect(lines.pop()).toBe('another');
  expect(new Set(lines.map((line) => line.length))).toEqual(new Set([7_000]));
});

it('a socket that nobody reads leaves signals to be handled', async () => {
  const { child, said, stderr, closed } = start('socket', offer(500, 1_000));
  await said('free');
  child.kill('SIGTERM');
  await once(child, 'exit');
  child.stdout?.resume();
  await closed;
  expect(stderr()).toMatch(/stopped at \d+/);
});

const hasScript = spawnSync('script', ['--version']).status === 0;
const ctrlS = '\u0013';
const ctrlQ = '\u0011';

it.skipIf(!hasScript).each([
  ['short', 100, 900],
  ['torn', 20, 7_001],
])(
  'a terminal stopped with Ctrl-S does not hold up the program, and gets every %s line once after Ctrl-Q (skipped without script of util-linux)',
  async (_what, lines, bytes) => {
    // The terminal is stopped once its line has been read.
    const command = 'read line; exec "$NODE" --input-type=module -e "$SOURCE" 2>&3';
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, SHELL: '/bin/sh', NODE: process.execPath, SOURCE: offer(lines, bytes) },
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const closed = once(child, 'close');
    let shown = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    let said = '';
    child.stdio[3]?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    child.stdin?.write(`${ctrlS}go\n`);
    await expect.poll(() => said).toBe('free\n');
    await delay(300);
    expect({ said, shown }).toEqual({ said: 'free\n', shown: '' });
    child.stdin?.write(ctrlQ);
    await closed;
    expect(said).toContain('all');
    // What was typed is echoed as well.
    const got = shown.split('\r\n').filter((line) => line.startsWith('.'));
    expect(got.map((line) => Number(line.replaceAll('.', '')))).toEqual(
      Array.from({ length: lines }, (_, n) => n),
    );
  },
);

it.skipIf(!canMount)('a redirection to a full disk goes on when there is space (needs mount)', async () => {
  const { folder, resize } = mountTiny('64k');
  const path = join(folder, 'log');
  const file = openSync(path, 'w');
  const child = spawn(process.execPath, ['--input-type=module', '-e', offer(100, 1_000)], {
    stdio: ['ignore', file, 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  closeSync(file);
  if (child.stderr !== null) await once(child.stderr, 'data');
  resize('1m');
  expect(await once(child, 'exit')).toEqual([0, null]);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => Number(line.replaceAll('.', '')))).toEqual(
    Array.from({ length: 100 }, (_, n) => n),
  );
});
