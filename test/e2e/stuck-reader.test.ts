import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

const migrations = 120;
const main = new URL('../../dist/main.js', import.meta.url).pathname;

/** An Atlas whose migrations all change with every poll, which is far more than a pipe holds. */
async function restlessAtlas() {
  const atlas = await startAtlas();
  let restless = true;
  let polls = 0;
  for (let n = 0; n < migrations; n += 1) {
    let step = 0;
    atlas.simulator.setScript(`${groupId}/${migrationId(n)}`, () => {
      polls += 1;
      if (restless) step += 1;
      return { _id: migrationId(n), status: `STEP_${step}` };
    });
  }
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl, migrations));
  /** Waits until so many more rounds have been polled. */
  const rounds = async (count: number) => {
    const enough = polls + count * migrations;
    await expect.poll(() => polls, { interval: 100 }).toBeGreaterThanOrEqual(enough);
  };
  return { file, rounds, rest: () => (restless = false) };
}

/** Rounds whose lines are far more than a pipe and the buffers before it hold. */
const tooMuch = 4;

/** Every status must follow from the one before it, in one line each. */
function expectUnbroken(events: readonly EventRecord[]): void {
  const about = events.filter(
    ({ event }) => event.startsWith('migration.status') || event === 'migration.first_seen',
  );
  expect(new Set(about.map(({ eventId }) => eventId)).size).toBe(about.length);
  for (let n = 0; n < migrations; n += 1) {
    const chain = about.filter(({ migration }) => migration === `m${n}`);
    expect(chain[0]?.event).toBe('migration.first_seen');
    for (const [index, { from }] of chain.entries())
      if (index > 0) expect(from).toBe(chain[index - 1]?.status);
  }
}

// A reader that comes back while the watcher runs is a row of test/faults/processes.ts.

test('SIGTERM while nobody reads ends the watcher with 0, and the next run writes the rest', async () => {
  const { file, rounds, rest } = await restlessAtlas();
  const program = start(['run', '-c', file]);
  await program.until(({ event }) => event === 'watcher.started');
  program.child.stdout?.pause();
  await rounds(tooMuch);
  rest();
  const asked = performance.now();
  program.child.kill('SIGTERM');
  const [code] = (await once(program.child, 'exit')) as [number];
  expect(code).toBe(0);
  expect(performance.now() - asked).toBeLessThan(6_000);
  program.child.stdout?.resume();
  await program.ended;
  const next = await runToEnd(['run', '-c', file, '--once']);
  expect(next.events.length).toBeGreaterThan(migrations);
  expectUnbroken([...program.events, ...next.events]);
});

test('the same in the pipe of a shell', async () => {
  const { file, rounds, rest } = await restlessAtlas();
  const go = join(temporaryFolder(), 'go');
  execFileSync('sh', ['-c', `mkfifo ${go}`]);
  const script =
    '{ "$@" & pid=$!; echo "pid $pid" >&2; wait $pid; echo "code $?" >&2; } | { read -r go < "$GO"; cat; }';
  const shell = spawn('sh', ['-c', script, 'sh', process.execPath, main, 'run', '-c', file], {
    env: { PATH: process.env.PATH, GO: go, ...keyInEnvironment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(shell, 'close');
  await rounds(tooMuch);
  const pid = Number(/pid (\d+)/.exec(stderr)?.[1]);
  process.kill(pid, 'SIGTERM');
  rest();
  await expect.poll(() => stderr).toContain('code 0');
  writeFileSync(go, 'go\n');
  await closed;
  const lines = stdout.split('\n').filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as EventRecord);
  const next = await runToEnd(['run', '-c', file, '--once']);
  expect(next.events.length).toBeGreaterThan(migrations);
  expectUnbroken([...events, ...next.events]);
});
