import { expect, test } from 'vitest';
import { ask } from '../server/served.ts';
import { type AtlasByHand, configFor, startAtlas } from './atlas-by-hand.ts';
import { libfaketime, startWithClock } from './moved-clock.ts';
import { migrationEvents, temporaryFolder, writeConfig } from './program.ts';

test.skipIf(libfaketime === undefined)(
  'polls go on when the wall clock is set, and deadlines follow it (skipped where libfaketime is not installed)',
  async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: true });
    atlas.say(1, { status: 'NEW' });
    const folder = temporaryFolder();
    const file = writeConfig(folder, {
      ...configFor(atlas.simulator.baseUrl, 2),
      watch: { heartbeat: '1s' },
    });
    const { program, set } = startWithClock(['run', '-c', file], folder);
    // Both, whichever is read first: one that is first read under a moved clock has its window from there.
    await program.until(({ event }) => event === 'migration.ready_for_cutover');
    await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm1');

    for (const offset of ['-3600', '+0', '+7200']) {
      set(offset);
      const before = atlas.simulator.counts.total;
      const asked = performance.now();
      await expect.poll(() => atlas.simulator.counts.total).toBeGreaterThan(before + 2);
      expect(performance.now() - asked).toBeLessThan(4_000);
    }
    set('+2592000');
    await program.until(({ event }) => event === 'migration.cutover_deadline_passed');
    const before = atlas.simulator.counts.total;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(atlas.simulator.counts.total - before).toBeLessThan(10);
    expect((await program.end()).code).toBe(0);

    expect(migrationEvents(program.events.filter(({ migration }) => migration === 'm0'))).toEqual([
      'migration.first_seen',
      'migration.ready_for_cutover',
      'migration.cutover_deadline_passed',
    ]);
    expect(program.events.filter(({ event }) => event === 'watcher.overrun')).toEqual([]);
    const beats = program.events.filter(({ event }) => event === 'watcher.heartbeat');
    expect(beats.length).toBeGreaterThan(3);
  },
);

/** Resolves when so many more requests have come in that every migration was polled with the clock as it is now. */
async function polledAgain({ simulator }: AtlasByHand): Promise<void> {
  const before = simulator.counts.total;
  await expect.poll(() => simulator.counts.total).toBeGreaterThan(before + 6);
}

test.skipIf(libfaketime === undefined)(
  'what a clock that was wrong for a moment made it report is reported again at the right time, and it shows no stall (skipped where libfaketime is not installed)',
  async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: true });
    atlas.say(1, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 5_000 });
    const folder = temporaryFolder();
    const file = writeConfig(folder, {
      ...configFor(atlas.simulator.baseUrl, 2),
      cutover: { window: '2h', warnBefore: ['1h'], remindEvery: '30m' },
    });
    const { program, set } = startWithClock(['run', '-c', file], folder);
    await program.until(({ event }) => event === 'migration.ready_for_cutover');
    await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm1');
    const counted = (name: string) => program.events.filter(({ event }) => event === name).length;
    const until = (name: string, count: number) => expect.poll(() => counted(name)).toBe(count);

    set('+86400');
    await until('migration.cutover_deadline_passed', 1);
    set('+0');
    await polledAgain(atlas);
    set('+2000');
    await until('migration.cutover_reminder', 1);
    set('+4000');
    await until('migration.cutover_deadline_near', 1);
    set('+7300');
    await until('migration.cutover_deadline_passed', 2);
    expect((await program.end()).code).toBe(0);

    expect(counted('migration.lag_stalled')).toBe(0);
    const ids = program.events.flatMap(({ eventId }) => (eventId === undefined ? [] : [eventId]));
    expect(new Set(ids).size).toBe(ids.length);
  },
);

test.skipIf(libfaketime === undefined)(
  'a readiness first seen by a clock that is a month ahead is warned of in time once that is set right (skipped where libfaketime is not installed)',
  async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: true });
    const folder = temporaryFolder();
    const file = writeConfig(folder, {
      ...configFor(atlas.simulator.baseUrl, 1),
      cutover: { window: '2h', warnBefore: ['1h'], remindEvery: '0s' },
    });
    const { program, set } = startWithClock(['run', '-c', file], folder, '+2592000');
    await program.until(({ event }) => event === 'migration.ready_for_cutover');

    set('+0');
    await polledAgain(atlas);
    set('+3700');
    const warning = await program.until(({ event }) => event === 'migration.cutover_deadline_near');
    expect(warning).toMatchObject({ remainingSeconds: expect.closeTo(3_500, -2) });
    set('+7300');
    await program.until(({ event }) => event === 'migration.cutover_deadline_passed');
    expect((await program.end()).code).toBe(0);
  },
);

test.skipIf(libfaketime === undefined)(
  'answers within a second while the clock is set forward thirty days and back (skipped where libfaketime is not installed)',
  async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: true });
    const folder = temporaryFolder();
    const config = { ...configFor(atlas.simulator.baseUrl), http: { listen: '127.0.0.1:0' } };
    const { program, set } = startWithClock(['run', '-c', writeConfig(folder, config)], folder);
    const { httpAddress } = await program.until(({ event }) => event === 'watcher.started');
    await program.until(({ event }) => event === 'migration.ready_for_cutover');

    /** The longest of the answer times in a second that begins with the jump: an event loop that is held up cannot answer. */
    async function slowestAnswerMs(offset: string): Promise<number> {
      set(offset);
      const begun = performance.now();
      let slowest = 0;
      for (let asked = begun; asked < begun + 1_000; asked = performance.now()) {
        expect((await ask(String(httpAddress), '/livez')).status).toBe(200);
        slowest = Math.max(slowest, performance.now() - asked);
      }
      return slowest;
    }
    let forward = Number.POSITIVE_INFINITY;
    let back = Number.POSITIVE_INFINITY;
    // The machine may be busy with something else, but hardly at every jump.
    for (let jumps = 0; jumps < 5 && Math.max(forward, back) >= 1_000; jumps += 1) {
      forward = Math.min(forward, await slowestAnswerMs('+2592000'));
      back = Math.min(back, await slowestAnswerMs('+0'));
    }
    expect(forward).toBeLessThan(1_000);
    expect(back).toBeLessThan(1_000);
    expect((await program.end()).code).toBe(0);
  },
);
