import { expect, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { libfaketime, movedClock, startWithClock } from './moved-clock.ts';
import { migrationEvents, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const hours = (count: number): string => `+${count * 3_600}`;

test.skipIf(libfaketime === undefined)(
  'an extension before a warning, after it and after the estimated deadline moves what is due, and nothing is reported twice (skipped where libfaketime is not installed)',
  async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 5 });
    const folder = temporaryFolder();
    const file = writeConfig(folder, {
      ...configFor(atlas.simulator.baseUrl, 1),
      cutover: { remindEvery: 0, warnBefore: ['24h', '1h'] },
    });
    const { program, set, file: clock } = startWithClock(['run', '-c', file], folder);
    const extend = async (...args: readonly string[]) => {
      const { code, stdout } = await runToEnd(['extend', 'm0', ...args, '-c', file], movedClock(clock));
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^m0 must be cut over /) });
    };
    const reported = (count: number) =>
      expect.poll(() => migrationEvents(program.events).slice(2), { timeout: 15_000 }).toHaveLength(count);

    await program.until(({ event }) => event === 'migration.ready_for_cutover');
    // Before the warning of 24 h, at 96 h: it moves to 120 h.
    set(hours(90));
    await extend('--by', '24h');
    set(hours(121));
    await reported(2);
    // After the warning: it comes again for the new deadline, at 144 h.
    await extend('--by', '24h');
    set(hours(145));
    await reported(4);
    // After the deadline of 168 h.
    set(hours(169));
    await reported(5);
    await extend('--by', '48h');
    set(hours(193));
    await reported(7);
    // Moved earlier, to the past of its last warning: that is due at once, and once.
    await extend('--until', new Date(Date.now() + 193.5 * 3_600_000).toISOString());
    await reported(9);
    await program.end();
    expect(migrationEvents(program.events).slice(2)).toEqual([
      'migration.window_changed',
      'migration.cutover_deadline_near',
      'migration.window_changed',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_passed',
      'migration.window_changed',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_near',
      'migration.window_changed',
    ]);
    const ids = program.events.map(({ eventId }) => eventId).filter((id) => id !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
  },
  60_000,
);
