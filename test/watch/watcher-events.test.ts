import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { noSamples } from '../../src/watch/migration/lag-samples.ts';
import { countStatuses, heartbeat, nearestDeadline, WatcherEvents } from '../../src/watch/watcher-events.ts';
import { hour, minute, namesOf, play, policy, start, targetOf } from './sample-migrations.ts';

const states = [
  undefined,
  play([{}]).state,
  play([{ status: 'WORKING', readyForCutover: true }]).state,
  play([{ status: 'WORKING' }, 'network', 'network', 'network']).state,
  play([{ status: 'WORKING', readyForCutover: true }, { status: 'COMPLETE' }]).state,
  play([{ status: 'NEW' }, ...Array<'not_found'>(11).fill('not_found')]).state,
];
/** What is known of migrations in these states. */
const snapshots = (known: readonly (MigrationState | undefined)[]): MigrationSnapshot[] =>
  known.map((state, index) => ({
    target: { ...targetOf(index), name: `m${index}` },
    cadence: 'default',
    samples: noSamples,
    latest: undefined,
    state,
  }));
const standing = { ...policy, intervalsMs: { default: 30_000, approaching: 5_000 } };
const migrations = snapshots(states);
const facts = {
  migrations,
  policyOf: () => standing,
  credential: 'apiKey' as const,
  polls: 12,
  pollFailures: 5,
  droppedLines: 0,
  now: start + 5 * minute,
};

describe('a heartbeat', () => {
  test('counts the settlement of a migration rather than its status', () => {
    expect(countStatuses(states)).toEqual({ UNKNOWN: 2, WORKING: 2, COMPLETE: 1, DISAPPEARED: 1 });
  });

  test('counts a status by any name, also one that objects have of their own', () => {
    const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'constructor'];
    const counts = countStatuses(names.map((status) => play([{ status }]).state));
    expect(Object.entries(counts)).toEqual([
      ['constructor', 2],
      ['toString', 1],
      ['__proto__', 1],
      ['hasOwnProperty', 1],
    ]);
    expect(JSON.parse(JSON.stringify(counts))).toEqual(counts);
  });

  test('shows all that is watched in counts, the next deadline and the age of the oldest observation', () => {
    expect(heartbeat(facts)).toEqual({
      headline:
        "Cut over m2 within 4 d 23 h. 1 no longer in Atlas, 1 can't be read, 1 not read yet, 2 not read lately.",
      migrations: 6,
      statuses: { UNKNOWN: 2, WORKING: 2, COMPLETE: 1, DISAPPEARED: 1 },
      ready: 1,
      stalled: 0,
      unreachable: 1,
      settled: 2,
      nextDeadline: new Date(start + 120 * hour).toISOString(),
      polls: 12,
      pollFailures: 5,
      oldestObservationSeconds: 300,
    });
  });

  test('counts a lag that has stalled', () => {
    const poll = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 5_000 };
    const polls = Array.from({ length: 40 }, () => poll);
    expect(heartbeat({ ...facts, migrations: snapshots([play(polls).state]) })).toMatchObject({ stalled: 1 });
  });

  test('has no oldest observation where nothing is observed, or only what is settled', () => {
    for (const each of [undefined, play([{ status: 'FAILED' }]).state])
      expect(heartbeat({ ...facts, migrations: snapshots([each]) })).not.toHaveProperty(
        'oldestObservationSeconds',
      );
  });

  test('has no negative age after the clock was set back', () => {
    const fields = heartbeat({ ...facts, migrations: snapshots([play([{}]).state]), now: start - minute });
    expect(fields.oldestObservationSeconds).toBe(0);
  });

  test('counts the lines that standard output did not take, where there are any', () => {
    expect(heartbeat(facts)).not.toHaveProperty('droppedLines');
    expect(heartbeat({ ...facts, droppedLines: 7 })).toMatchObject({ droppedLines: 7 });
  });
});

test('the nearest deadline is that of the first migration that became ready and is not settled', () => {
  const later = play([{ status: 'WORKING' }, { status: 'WORKING', readyForCutover: true }]).state;
  expect(nearestDeadline(snapshots([later, ...states]), () => standing)).toBe(start + 120 * hour);
  expect(nearestDeadline(snapshots([later]), () => standing)).toBe(start + minute + 120 * hour);
  expect(nearestDeadline(snapshots([undefined, states[4]]), () => standing)).toBeUndefined();
});

/** The events of a watcher whose clock goes where the test sets it. */
function watcherEvents() {
  const emitted: EventRecord[] = [];
  const time = { ms: 0 };
  const clock = { now: () => start + time.ms, monotonic: () => time.ms };
  const events = new WatcherEvents((record) => void emitted.push(record), clock);
  return { events, emitted, time };
}

describe('the watcher', () => {
  test('emits one heartbeat for each interval, and one for several that were missed', () => {
    const { events, emitted, time } = watcherEvents();
    const beatAt = (ms: number): number => {
      time.ms = ms;
      events.heartbeat(5 * minute, () => ({ ...facts, droppedLines: 0 }));
      return emitted.length;
    };
    const counts = [1, 4.9, 5, 5.1, 9.9, 10, 60, 60.1, 65].map((minutes) => beatAt(minutes * minute));
    expect(counts).toEqual([0, 0, 1, 1, 1, 2, 3, 3, 4]);
  });

  test('counts polls in its heartbeats', () => {
    const { events, emitted, time } = watcherEvents();
    events.polled(undefined);
    events.polled(undefined);
    events.pollFailed(new AtlasError({ kind: 'network', detail: 'It was cut.' }));
    time.ms = 5 * minute;
    events.heartbeat(5 * minute, () => ({ ...facts, droppedLines: 0 }));
    expect(emitted).toMatchObject([{ polls: 3, pollFailures: 1 }]);
  });

  test('marks a failed poll as repeated within a minute of a warning of the same error type', () => {
    const { events, time } = watcherEvents();
    const failAt = (ms: number, kind: 'network' | 'timeout'): boolean => {
      time.ms = ms;
      return events.pollFailed(new AtlasError({ kind, detail: 'It failed.' }));
    };
    expect(failAt(0, 'network')).toBe(false);
    expect(failAt(1, 'timeout')).toBe(false);
    expect(failAt(59_999, 'network')).toBe(true);
    expect(failAt(60_000, 'network')).toBe(false);
    expect(failAt(60_001, 'timeout')).toBe(false);
  });

  test('reports an overrun, a deprecation and the end of all once an episode', () => {
    const { events, emitted } = watcherEvents();
    const counts = { waitingDue: 3, running: 1 };
    for (const isBehind of [true, true, false, true]) events.overrun(isBehind, counts);
    for (let times = 0; times < 2; times += 1) events.polled({});
    expect([events.settled(states), events.settled(states)]).toEqual([true, false]);
    events.unsettled();
    expect(events.settled(states)).toBe(true);
    expect(namesOf(emitted)).toEqual([
      'watcher.overrun',
      'watcher.overrun',
      'watcher.api_deprecated',
      'watcher.settled',
      'watcher.settled',
    ]);
  });
});
