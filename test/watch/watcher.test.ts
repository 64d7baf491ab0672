import { describe, expect, test, vi } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { advance, intervalMs, useVirtualTime, WatcherHarness } from './harness.ts';
import { minute, namesOf, type Outcome, orders, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const working: Outcome = { status: 'WORKING', readyForCutover: false };
const [one, another, third] = [targetOf(1), targetOf(2), targetOf(3, 'f'.repeat(24))];

describe('polling', () => {
  test('begins with every migration at once, and the first round ends when all are read', async () => {
    const atlas = new ScriptedAtlas();
    const harness = await WatcherHarness.start({ client: atlas, targets: [one, another, third] });
    const ended = vi.fn<() => void>();
    void harness.watcher.firstRound.then(ended);
    await advance(100);
    expect(atlas.calls.map(({ id }) => id.liveMigrationId).toSorted()).toEqual(
      [one, another, third].map(({ liveMigrationId }) => liveMigrationId),
    );
    for (const call of atlas.calls) {
      expect(ended).not.toHaveBeenCalled();
      call.answer(working);
      await advance(1);
    }
    expect(ended).toHaveBeenCalledOnce();
    expect(namesOf(harness.events)).toEqual(Array(3).fill('migration.first_seen'));
  });

  test('goes on once an interval, after failures too', async () => {
    const atlas = new ScriptedAtlas().answerAll(working).answer([one], 'network');
    const harness = await WatcherHarness.start({ client: atlas, targets: [one, another] });
    await advance(1);
    expect(harness.migration(one)?.latest).toMatchObject({ kind: 'network' });
    expect(harness.migration(another)?.latest).toBe('read');
    await advance(10 * intervalMs - 1);
    expect(atlas.callsOf(one)).toHaveLength(11);
    expect(atlas.callsOf(another)).toHaveLength(11);
  });

  test('is quicker for a migration that is near readiness', async () => {
    const atlas = new ScriptedAtlas().answerAll({ ...working, lagTimeSeconds: 20 });
    await WatcherHarness.start({ client: atlas });
    await advance(minute);
    expect(atlas.calls).toHaveLength(13);
  });

  test('never polls a migration that is being polled', async () => {
    const atlas = new ScriptedAtlas();
    await WatcherHarness.start({ client: atlas, targets: [one, another] });
    await advance(1);
    atlas.answer([another], working).callsOf(another)[0]?.answer(working);
    await advance(4 * intervalMs);
    expect(atlas.mostOfOne).toBe(1);
    expect(atlas.callsOf(one)).toHaveLength(1);
    expect(atlas.callsOf(another)).toHaveLength(5);
  });

  test('never has more polls under way than allowed', async () => {
    const atlas = new ScriptedAtlas();
    const targets = Array.from({ length: 5 }, (_, index) => targetOf(index));
    await WatcherHarness.start({ client: atlas, targets, concurrency: 2 });
    await advance(5_000);
    expect(atlas.calls).toHaveLength(2);
    atlas.calls[0]?.answer(working);
    await advance(2);
    expect(atlas.calls).toHaveLength(3);
  });

  test('keeps within the request budget of a project', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const targets = Array.from({ length: 60 }, (_, index) => targetOf(index));
    await WatcherHarness.start({ client: atlas, targets, requestsPerMinute: 60 });
    await advance(2 * minute);
    const mostInTenSeconds = Math.max(
      ...atlas.calls.map(
        ({ at }) => atlas.calls.filter((each) => each.at >= at && each.at < at + 10_000).length,
      ),
    );
    expect(mostInTenSeconds).toBeLessThanOrEqual(10 + 6);
    expect(atlas.calls.length).toBeGreaterThan(115);
  });

  test('happens at once after the machine slept, once for each migration', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets: [one, another] });
    await advance(minute);
    atlas.calls.length = 0;
    harness.setClock(60 * minute);
    await advance(1_000);
    expect([atlas.callsOf(one).length, atlas.callsOf(another).length]).toEqual([1, 1]);
    await advance(10 * intervalMs);
    expect(atlas.calls.length).toBeLessThanOrEqual(2 + 20);
  });

  test('goes on at the same pace after the clock was set back', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(minute);
    atlas.calls.length = 0;
    harness.setClock(-60 * minute);
    await advance(10 * intervalMs);
    expect(atlas.calls.length).toBeGreaterThanOrEqual(9);
    expect(atlas.calls.length).toBeLessThanOrEqual(11);
  });
});

describe('a failed poll', () => {
  test('is reported as a line that is not stored, and an outage after 90 s once', async () => {
    const atlas = new ScriptedAtlas().answerAll('network');
    const harness = await WatcherHarness.start({ client: atlas, heartbeatMs: 4 * minute });
    await advance(4 * minute + 1_000);
    const outages = harness.events.filter(({ event }) => event === 'watcher.unreachable');
    expect(outages).toMatchObject([{ scope: 'migration', migration: 'orders', errorType: 'network' }]);
    const failures = harness.events.filter(({ event }) => event === 'watcher.poll_failed');
    expect(failures).toHaveLength(atlas.calls.length);
    const lines = namesOf(harness.events);
    expect(lines.slice(0, lines.indexOf('watcher.unreachable')).at(-1)).toBe('watcher.poll_failed');
    expect(namesOf(await harness.store.latestEvents(100))).toEqual(['watcher.unreachable']);
    expect(harness.events.at(-1)).toMatchObject({
      event: 'watcher.heartbeat',
      polls: atlas.calls.length,
      pollFailures: atlas.calls.length,
      unreachable: 1,
    });
  });

  test('is a warning once a minute for each error type', async () => {
    const targets = Array.from({ length: 10 }, (_, index) => targetOf(index));
    const atlas = new ScriptedAtlas().answerAll('network').answer(targets.slice(0, 5), 'server_error');
    const harness = await WatcherHarness.start({ client: atlas, targets });
    await advance(minute - 1_000);
    const failures = harness.events.filter(({ event }) => event === 'watcher.poll_failed');
    expect(failures.length).toBeGreaterThan(15);
    expect(failures.filter((record) => !('repeated' in record))).toMatchObject([
      { errorType: 'server_error' },
      { errorType: 'network' },
    ]);
  });
});

function overruns({ events }: WatcherHarness): readonly EventRecord[] {
  return events.filter(({ event }) => event === 'watcher.overrun');
}

describe('an overrun', () => {
  test('is reported once until polls are in time again', async () => {
    const atlas = new ScriptedAtlas();
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(intervalMs - 1_000);
    expect(overruns(harness)).toEqual([]);
    await advance(4 * intervalMs);
    expect(overruns(harness)).toMatchObject([{ waiting: 0, underWay: 1 }]);
    atlas.answerAll(working).calls[0]?.answer(working);
    await advance(4 * intervalMs);
    expect(overruns(harness)).toHaveLength(1);
    atlas.answerAll(undefined);
    await advance(4 * intervalMs);
    expect(overruns(harness)).toHaveLength(2);
  });

  test('is none while Atlas asks for no requests, nor until an interval after that', async () => {
    const harness = await WatcherHarness.start({ client: new ScriptedAtlas() });
    const retryAfterMs = 4.5 * intervalMs;
    harness.limiter.attemptFailed(
      orders.groupId,
      new AtlasError({ kind: 'rate_limited', detail: 'Too many.', httpStatus: 429, retryAfterMs }),
    );
    await advance(5.4 * intervalMs);
    expect(overruns(harness)).toEqual([]);
    await advance(2 * intervalMs);
    expect(overruns(harness)).toHaveLength(1);
  });

  test('is none while all polls end in time', async () => {
    const harness = await WatcherHarness.start({ client: new ScriptedAtlas().answerAll(working) });
    await advance(10 * intervalMs);
    expect(namesOf(harness.events)).toEqual(['migration.first_seen']);
  });
});

test('a deprecation of the API is reported once, with its date', async () => {
  const atlas = new ScriptedAtlas();
  const harness = await WatcherHarness.start({ client: atlas });
  const sunset = 'Sat, 31 Jul 2027 23:59:59 GMT';
  for (let polls = 0; polls < 3; polls += 1) {
    await advance(intervalMs);
    atlas.calls.at(-1)?.answer(working, { sunset });
  }
  await advance(1);
  expect(harness.events.filter(({ event }) => event === 'watcher.api_deprecated')).toMatchObject([
    { sunset },
  ]);
});

describe('stopping', () => {
  test('lets polls under way end and records them', async () => {
    const atlas = new ScriptedAtlas();
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(1);
    const stopped = harness.watcher.stop(5_000);
    atlas.calls[0]?.answer(working);
    await stopped;
    await advance(minute);
    expect(namesOf(harness.events)).toEqual(['migration.first_seen']);
    expect(atlas.calls).toHaveLength(1);
    expect(harness.faults).toEqual([]);
  });

  test('aborts polls that hang beyond the grace time, which is no fault and no failure', async () => {
    const atlas = new ScriptedAtlas();
    const harness = await WatcherHarness.start({ client: atlas, targets: [one, another], concurrency: 1 });
    await advance(100);
    const stopped = vi.fn<() => void>();
    void harness.watcher.stop(5_000).then(stopped);
    await advance(4_999);
    expect(stopped).not.toHaveBeenCalled();
    await advance(1);
    expect(stopped).toHaveBeenCalledOnce();
    expect(atlas.calls).toHaveLength(1);
    expect([harness.events, harness.faults]).toEqual([[], []]);
  });
});

describe('a mistake of the program', () => {
  test('in a poll is passed on, and polling continues', async () => {
    const mistake = new TypeError('It is not a function.');
    const readMigration = vi.fn<() => Promise<never>>(() => Promise.reject(mistake));
    const harness = await WatcherHarness.start({ client: { readMigration } });
    await advance(2 * intervalMs);
    expect(harness.faults).toEqual([mistake, mistake, mistake]);
  });
});

describe('liveness', () => {
  test('is lost by a poll that never ends, and by nothing that Atlas answers', async () => {
    const atlas = new ScriptedAtlas().answerAll('network');
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(10 * minute);
    expect(harness.watcher.liveness).toEqual({ alive: true });
    atlas.answerAll(undefined);
    await advance(3 * minute);
    expect(harness.watcher.liveness).toMatchObject({ alive: false });
  });
});
