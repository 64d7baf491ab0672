import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, migrationEvents, start, temporaryFolder, writeConfig } from './program.ts';

const libfaketime = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

/** Starts the program with a wall clock that `set` moves while it runs; the monotonic clock goes on. */
function startWithClock(args: readonly string[], folder: string) {
  const file = join(folder, 'clock');
  const set = (offset: string): void => writeFileSync(file, `${offset}\n`);
  set('+0');
  const program = start(args, {
    ...keyInEnvironment(),
    LD_PRELOAD: libfaketime ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  });
  return { program, set };
}

test.skipIf(libfaketime === undefined)(
  'polls go on whatever the wall clock does, and deadlines follow it (skipped where libfaketime is not installed)',
  async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: true });
    atlas.say(1, { status: 'NEW' });
    const folder = temporaryFolder();
    const file = writeConfig(folder, {
      ...configFor(atlas.simulator.baseUrl, 2),
      watch: { heartbeat: '100ms' },
    });
    const { program, set } = startWithClock(['run', '-c', file], folder);
    await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm1');

    for (const offset of ['-3600', '+0', '+7200']) {
      set(offset);
      const before = atlas.simulator.counts.total;
      const asked = performance.now();
      await expect.poll(() => atlas.simulator.counts.total, { timeout: 5_000 }).toBeGreaterThan(before + 2);
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
      'migration.cutover_reminder',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_passed',
    ]);
    expect(program.events.filter(({ event }) => event === 'watcher.overrun')).toEqual([]);
    const beats = program.events.filter(({ event }) => event === 'watcher.heartbeat');
    expect(beats.length).toBeGreaterThan(30);
  },
);
