import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { groupId, migrationId, startAtlas } from '../e2e/atlas-by-hand.ts';
import { start, temporaryFolder } from '../e2e/program.ts';
import { libfaketime, movableClock } from './fake-clock.ts';
import { leadTo, saySilence, startFront } from './front.ts';
import { type Row, type ScenarioRow, turnsReady } from './row.ts';
import {
  before,
  emitterOf,
  expectExit,
  expectKept,
  expectResumed,
  expectSeen,
  faultConfig,
  ready,
  startWatched,
  type WatchedFault,
} from './watched.ts';

/** Runs the program once more, and makes sure that both runs together report everything once. */
async function expectRestInNextRun({ row, file, program }: WatchedFault): Promise<void> {
  const next = start(['run', '-c', file]);
  const emits = emitterOf(row, next);
  expect.soft(await emits('watcher.started'), row.fault).toMatchObject({ resumed: 1 });
  const seen = await emits('migration.ready_for_cutover');
  expect.soft(seen, row.fault).toMatchObject({ previous: { status: before.status } });
  await expectExit({ ...row, sees: { exit: 0 } }, next);
  expectKept(row, withoutRepeats([...program.events, ...next.events]));
}

/** Around a sudden end a line may be written twice, with one event id: only once is it news. */
function withoutRepeats(events: readonly EventRecord[]): readonly EventRecord[] {
  return events.filter(
    ({ eventId }, index) =>
      eventId === undefined || events.findIndex((other) => other.eventId === eventId) === index,
  );
}

async function playReaderGone(row: Row): Promise<void> {
  const watched = await startWatched(row);
  const { atlas, program } = watched;
  program.child.stdout?.destroy();
  const { total } = atlas.simulator.counts;
  // A change is what there is to write; it may be read by this run or by the next.
  atlas.say(0, ready);
  expect.soft(await program.ended, row.fault).toEqual({ code: row.sees.exit, signal: null });
  expect.soft(atlas.simulator.counts.total, row.fault).toBeGreaterThan(total);
  const next = start(['run', '-c', watched.file]);
  await emitterOf(row, next)('migration.ready_for_cutover');
  await expectExit(row, next);
  expectKept(row, withoutRepeats([...program.events, ...next.events]));
}

async function playKilled(row: Row): Promise<void> {
  const watched = await startWatched(row);
  expect
    .soft(await watched.program.end('SIGKILL'), row.fault)
    .toMatchObject({ code: null, signal: 'SIGKILL' });
  watched.atlas.say(0, ready);
  await expectRestInNextRun(watched);
}

async function playTerminatedTwice(row: Row): Promise<void> {
  const atlas = await startAtlas();
  const through = leadTo(atlas.simulator.port);
  const front = await startFront(through);
  const baseUrl = `http://127.0.0.1:${front.port}`;
  const slow = { requestTimeout: '60s', pollTimeout: '60s' };
  const config = { atlas: { ...faultConfig(baseUrl).atlas, ...slow } };
  const watched = await startWatched(row, { atlas, baseUrl, config });
  const { program, emits } = watched;
  const asked = Promise.withResolvers<void>();
  front.treat((client) => {
    saySilence(client);
    asked.resolve();
  });
  await asked.promise;
  program.child.kill('SIGTERM');
  expectSeen(row, await emits('watcher.stopping'));
  const { code, elapsedMs } = await program.end('SIGTERM');
  expect.soft({ fault: row.fault, code }).toEqual({ fault: row.fault, code: row.sees.exit });
  expect.soft(elapsedMs, row.fault).toBeLessThan(2_000);
  front.treat(through);
  atlas.say(0, ready);
  await expectRestInNextRun(watched);
}

const restless = 120;
const roundsUnread = 5;

/** Nobody reads until far more has been written than a pipe and its ends hold. */
async function playStuckReader(row: Row): Promise<void> {
  const atlas = await startAtlas();
  const steps = new Map<number, number>();
  let resting = false;
  for (let n = 1; n <= restless; n += 1) {
    const key = `${groupId}/${migrationId(n)}`;
    atlas.simulator.setScript(key, () => {
      if (!resting) steps.set(n, (steps.get(n) ?? 0) + 1);
      return { _id: migrationId(n), status: `STEP_${steps.get(n)}` };
    });
  }
  const config = faultConfig(atlas.simulator.baseUrl, restless + 1);
  const { file, program, emits } = await startWatched(row, { atlas, config });
  program.child.stdout?.pause();
  const read = program.stdout.length;
  atlas.say(0, ready);
  const rounds = () => Math.min(...Array.from({ length: restless }, (_, n) => steps.get(n + 1) ?? 0));
  await expect.poll(rounds, { interval: 100 }).toBeGreaterThan(roundsUnread);
  resting = true;
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.child.pid}/status`, 'utf8'))?.[1];
  expect.soft(Number(memory), `${row.fault}, KiB`).toBeLessThan(250_000);
  program.child.stdout?.resume();
  for (const [n, step] of steps)
    await emits(
      step === 1 ? 'migration.first_seen' : 'migration.status_changed',
      ({ migration, status }) => migration === `m${n}` && status === `STEP_${step}`,
    );
  expect.soft(program.stdout.length - read, row.fault).toBeGreaterThan(400_000);
  await expectExit(row, program);
  const of = (n: number) => program.events.filter(({ migration }) => migration === `m${n}`);
  expectKept(row, of(0));
  const broken = [...steps].filter(([n, step]) => {
    const changes = of(n).filter(({ event }) => event !== 'migration.unknown_status');
    return changes.map(({ status }) => status).join() !== chain(step);
  });
  expect.soft(broken, row.fault).toEqual([]);
  await expectResumed(row, file, restless + 1);
}

/** Returns the first statuses up to this one, each once. */
function chain(last: number): string {
  return Array.from({ length: last }, (_, step) => `STEP_${step + 1}`).join();
}

/** Plays a wall clock that jumps while the program runs. */
function clockJumps(offset: string, { readyFirst }: { readonly readyFirst: boolean }): ScenarioRow['play'] {
  return async (row) => {
    const { env, set } = movableClock(temporaryFolder());
    const atlas = await startAtlas();
    const config = { watch: { unreachableAfter: '0s', heartbeat: '500ms' } };
    const { program, emits } = await startWatched(row, { atlas, env, config });
    if (readyFirst) {
      atlas.say(0, ready);
      await emits('migration.ready_for_cutover');
    }
    const polled = atlas.simulator.counts.total;
    const reported = program.events.length;
    const jumped = performance.now();
    set(offset);
    if (!readyFirst) atlas.say(0, ready);
    const last = row.keeps.at(-1);
    if (last !== undefined) expectSeen(row, await emits(last));
    // The jump and the way back are two faults, of which neither stops polls nor makes up for those of the time between.
    set('+0');
    const back = atlas.simulator.counts.total;
    await expect.poll(() => atlas.simulator.counts.total).toBeGreaterThan(back + 2);
    const seconds = (performance.now() - jumped) / 1000;
    const polls = atlas.simulator.counts.total - polled;
    // One a second, one for the deadline that the jump made due, and one that was due at its ends.
    expect.soft(polls, `${row.fault}: polls in ${seconds.toFixed(1)} s`).toBeLessThan(seconds + 4);
    await expectExit(row, program);
    expectKept(row, program.events);
    const faults = program.events
      .slice(reported)
      .filter(({ event }) => /unreachable|poll_failed/.test(event));
    expect.soft(faults, row.fault).toEqual([]);
  };
}

const suspendedMs = 3_500;

/** Plays a machine that sleeps for some intervals: what was due meanwhile is polled once when it wakes up. */
async function playSuspended(row: Row): Promise<void> {
  const { atlas, program, emits, file } = await startWatched(row);
  const reported = program.events.length;
  program.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, suspendedMs));
  const polled = atlas.simulator.counts.total;
  atlas.say(0, ready);
  const woken = performance.now();
  program.child.kill('SIGCONT');
  expectSeen(row, await emits('migration.ready_for_cutover'));
  await expect.poll(() => atlas.simulator.counts.total).toBeGreaterThan(polled + 2);
  const seconds = (performance.now() - woken) / 1000;
  const polls = atlas.simulator.counts.total - polled;
  expect.soft(polls, `${row.fault}: polls in ${seconds.toFixed(1)} s`).toBeLessThan(seconds + 4);
  const faults = program.events.slice(reported).filter(({ event }) => event === 'watcher.unreachable');
  expect.soft(faults, row.fault).toEqual([]);
  await expectExit(row, program);
  expectKept(row, program.events);
  await expectResumed(row, file);
}

export const processRows: readonly ScenarioRow[] = [
  {
    fault: 'the reader of standard output goes away',
    covers: ['EPIPE'],
    injected: 'the reading end of the pipe is closed',
    sees: { exit: 0 },
    keeps: turnsReady,
    recovers: 'next run: it writes what nobody could read',
    play: playReaderGone,
  },
  {
    fault: 'the reader of standard output is stuck',
    covers: ['stuck pipe'],
    injected: 'the pipe is not read while every poll of 120 migrations is worth a line',
    sees: { exit: 0 },
    keeps: turnsReady,
    recovers: 'goes on: the reader gets everything when it reads again',
    play: playStuckReader,
  },
  {
    fault: 'the program is killed',
    covers: ['SIGKILL'],
    injected: 'SIGKILL',
    sees: { exit: 137 },
    keeps: turnsReady,
    recovers: 'next run: reports what happened meanwhile',
    play: playKilled,
  },
  {
    fault: 'the program is asked to stop twice, during a poll that is never answered',
    covers: ['SIGTERM twice'],
    injected: 'SIGTERM, and again after watcher.stopping',
    sees: { event: 'watcher.stopping', level: 'info', exit: 0 },
    keeps: turnsReady,
    recovers: 'next run: reports what happened meanwhile',
    play: playTerminatedTwice,
  },
  {
    fault: 'the machine is suspended for some intervals',
    covers: ['machine suspended'],
    injected: 'SIGSTOP, and SIGCONT after a few seconds',
    sees: { event: 'migration.ready_for_cutover', level: 'warn', exit: 0 },
    keeps: turnsReady,
    recovers: 'goes on: no storm of polls for those it missed',
    play: playSuspended,
  },
  {
    fault: 'the clock is set back an hour',
    covers: ['clock back'],
    injected: 'libfaketime moves the wall clock',
    sees: { event: 'migration.ready_for_cutover', level: 'warn', exit: 0 },
    keeps: turnsReady,
    recovers: 'goes on: the next poll comes within an interval',
    needs: libfaketime,
    play: clockJumps('-3600', { readyFirst: false }),
  },
  {
    fault: 'the clock is set forward thirty days',
    covers: ['clock forward'],
    injected: 'libfaketime moves the wall clock',
    sees: { event: 'migration.cutover_deadline_passed', level: 'error', exit: 0 },
    keeps: [...turnsReady, 'migration.cutover_deadline_passed'],
    recovers: 'goes on: no storm of polls, and nothing is reported twice when it is set back',
    needs: libfaketime,
    play: clockJumps('+2592000', { readyFirst: true }),
  },
];
