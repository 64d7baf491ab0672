import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Watcher } from '../../src/watch/watcher.ts';
import { hour, namesOf } from './sample-migrations.ts';
import { scriptedAtlas, watcherOf } from './scripted-atlas.ts';

const ready = { status: 'WORKING', readyForCutover: true };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** One round, with a second for it. */
async function round(watcher: Watcher): Promise<void> {
  void watcher.round(1_000);
  await vi.advanceTimersByTimeAsync(1_000);
}

/** Looks at the clock once a second, for so many of them. */
async function look(watcher: Watcher, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    watcher.lookAtClock();
    await vi.advanceTimersByTimeAsync(1_000);
  }
}

describe('a notice', () => {
  it('is told of what is true now when the poll that it asks for ends in time', async () => {
    const { client, calls } = scriptedAtlas();
    const { watcher, events, setClock } = watcherOf({ client });
    void watcher.round(1_000);
    await vi.advanceTimersByTimeAsync(1);
    calls[0]?.answer(ready);
    await vi.advanceTimersByTimeAsync(1);
    setClock(72 * hour);
    await look(watcher, 5);
    expect(calls).toHaveLength(2);
    calls[1]?.answer({ status: 'COMPLETE' });
    await look(watcher, 20);
    expect(namesOf(events)).not.toContain('migration.cutover_deadline_near');
  });

  it('is told in time, and once, when its poll hangs', async () => {
    const { client, calls } = scriptedAtlas();
    const { watcher, events, setClock } = watcherOf({ client });
    void watcher.round(1_000);
    await vi.advanceTimersByTimeAsync(1);
    calls[0]?.answer(ready);
    await vi.advanceTimersByTimeAsync(1);
    setClock(73 * hour);
    await look(watcher, 9);
    expect(namesOf(events)).not.toContain('migration.cutover_deadline_near');
    await look(watcher, 3);
    const told = ['migration.cutover_reminder', 'migration.cutover_deadline_near'];
    expect(namesOf(events).slice(2)).toEqual(told);
    setClock(24 * hour);
    await look(watcher, 1);
    expect(namesOf(events).slice(2)).toEqual([...told, ...told]);
    calls[1]?.answer(ready);
    await look(watcher, 20);
    expect(namesOf(events).slice(2)).toEqual([...told, ...told]);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
  });

  it('that fell due before a restart waits for the first poll, for a minute', async () => {
    const former = watcherOf({ client: scriptedAtlas(() => ready).client });
    await round(former.watcher);
    const { client } = scriptedAtlas();
    const { watcher, events } = watcherOf({ client, store: former.store, afterMs: 73 * hour });
    void watcher.round(1_000);
    await look(watcher, 59);
    expect(events).toEqual([]);
    await look(watcher, 3);
    expect(events).toMatchObject([
      { event: 'migration.cutover_reminder', whileDown: true },
      { event: 'migration.cutover_deadline_near', whileDown: true, threshold: '48h' },
    ]);
  });

  it('that falls due after a restart, but before the first poll, is no news of the time before', async () => {
    const former = watcherOf({ client: scriptedAtlas(() => ready).client });
    await round(former.watcher);
    const { client } = scriptedAtlas();
    const { watcher, events } = watcherOf({ client, store: former.store, afterMs: 72 * hour - 5_000 });
    void watcher.round(1_000);
    await look(watcher, 70);
    expect(namesOf(events)).toEqual(['migration.cutover_reminder', 'migration.cutover_deadline_near']);
    expect(events.map((event) => 'whileDown' in event)).toEqual([false, false]);
  });

  it('that was told while the clock was wrong for a moment is told again in its time', async () => {
    const { client } = scriptedAtlas(() => ready);
    const { watcher, events, setClock } = watcherOf({ client });
    await round(watcher);
    setClock(24 * 30 * hour);
    await round(watcher);
    const early = namesOf(events).slice(2);
    expect(early).toContain('migration.cutover_deadline_passed');
    setClock(-24 * 30 * hour);
    await round(watcher);
    setClock(121 * hour);
    await round(watcher);
    expect(namesOf(events).slice(2)).toEqual([...early, ...early]);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
  });
});
