import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import { type MigrationReport, reportOf } from '../../src/report/report-model.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { scopeUnreachable } from '../../src/watch/outage/outage-events.ts';
import { errorOf, hour, minute, orders, start, targetOf } from '../watch/sample-migrations.ts';
import { type Course, played, recordingsOf, wholeCourse } from './played.ts';

const at = (hours: number): number => start + hours * hour;
const working = { status: 'WORKING', readyForCutover: false };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };

const readyEveryOtherHour: Course = (ms) =>
  Math.floor(ms / hour) % 2 === 1 ? ready : { ...working, lagTimeSeconds: 50 };
const readyWithoutLag: Course = (ms) => (ms >= hour ? { status: 'WORKING', readyForCutover: true } : working);
const downForAnHour: Course = (ms) => (ms > hour && ms < 2 * hour ? 'timeout' : working);
const completeAtOnce: Course = (ms) => (ms >= hour ? { status: 'COMPLETE' } : ready);

function reportAfter(course: Course, hours: number, now = at(hours)): MigrationReport {
  return reportOf(played(course, hours * hour), now);
}

describe('the report of a migration', () => {
  it('has phases, readiness, window, lag and observation gaps from the first poll to the end', () => {
    const report = reportAfter(wholeCourse, 60);
    expect(report).toMatchObject({
      name: 'orders',
      outcome: 'complete',
      status: 'COMPLETE',
      from: start,
      to: at(57.5),
      ready: { since: at(31), sinceKnown: true, deadline: at(151), times: 1 },
      windowRespected: true,
      lagAtCutover: { observedAt: at(57) - 5 * minute, lagTimeSeconds: 5 },
    });
    expect(report.phases).toEqual([
      { phase: 'waiting', from: start, to: at(2) },
      { phase: 'initial_copy', from: at(2), to: at(20) },
      { phase: 'catching_up', from: at(20), to: at(31) },
      { phase: 'ready', from: at(31), to: at(57) - 5 * minute },
      { phase: 'cutover', from: at(57) - 5 * minute, to: at(57.5) },
    ]);
    expect(report.gaps).toEqual([
      { from: at(25) - 5 * minute, to: at(26), reason: 'unreachable', detail: 'It was network.' },
      { from: at(40) - 5 * minute, to: at(43), reason: 'not watched' },
    ]);
    expect(report.timeline.map(({ event }) => event)).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.lag_stalled',
      'migration.lag_recovered',
      'watcher.unreachable',
      'watcher.recovered',
      'migration.ready_for_cutover',
      'migration.cutover_reminder',
      'migration.cutover_reminder',
      'migration.cutover_started',
      'migration.status_changed',
      'migration.completed',
    ]);
  });

  it.each<[string, Course, Partial<MigrationReport>]>([
    ['being copied', () => working, { outcome: 'under way', to: at(6) }],
    [
      'ready',
      () => ready,
      { outcome: 'ready', ready: { since: start, sinceKnown: false, deadline: at(120), times: 1 } },
    ],
    [
      'failed',
      (ms) => (ms > hour ? { status: 'FAILED' } : working),
      { outcome: 'failed', to: at(1) + 5 * minute },
    ],
    [
      'ready, then expired',
      (ms) => (ms > hour ? { status: 'EXPIRED' } : ready),
      { outcome: 'expired', windowRespected: false },
    ],
    ['gone', (ms) => (ms > hour ? 'not_found' : working), { outcome: 'gone', to: at(1) + 15 * minute }],
  ])('has the outcome of a migration that is %s', (_name, course, expected) => {
    expect(reportAfter(course, 6)).toMatchObject(expected);
  });

  it('leaves the window open while a migration is ready, and calls it missed after its end', () => {
    const open = reportAfter(() => ready, 119);
    expect(open).not.toHaveProperty('windowRespected');
    expect(reportAfter(() => ready, 122).windowRespected).toBe(false);
    const late = reportAfter((ms) => (ms > 121 * hour ? { status: 'COMPLETE' } : ready), 122);
    expect(late).toMatchObject({ outcome: 'complete', windowRespected: false });
  });

  it('counts how many times a migration became ready, and leaves out a withdrawn readiness', () => {
    const twice = reportAfter(readyEveryOtherHour, 3.5);
    expect(twice.ready).toMatchObject({ since: at(1), times: 2 });
    expect(twice.phases.map(({ phase }) => phase)).toEqual(['catching_up', 'ready', 'catching_up', 'ready']);
    expect(reportAfter(readyEveryOtherHour, 2.5)).not.toHaveProperty('ready');
  });

  it('has the phase copying where no lag separates initial copy and catching up', () => {
    expect(reportAfter(readyWithoutLag, 2).phases).toEqual([
      { phase: 'copying', from: start, to: at(1) },
      { phase: 'ready', from: at(1), to: at(2) },
    ]);
  });

  it('has no phase cutover where a lag was reported until the end', () => {
    const report = reportAfter(completeAtOnce, 2);
    expect(report.phases).toEqual([{ phase: 'ready', from: start, to: at(1) }]);
    expect(report.lagAtCutover).toEqual({ observedAt: at(1) - 5 * minute, lagTimeSeconds: 3 });
  });

  it('has a gap without an end during an outage', () => {
    const recording = played((ms) => (ms > hour ? 'network' : working), 2 * hour);
    expect(reportOf(recording, at(2)).gaps).toEqual([
      { from: at(1), to: undefined, reason: 'unreachable', detail: 'It was network.' },
    ]);
  });

  it('has a gap where no poll ever succeeded', () => {
    const outage = { failures: 3, since: start, errorType: 'network' } as const;
    const neverRead = { ...orders, state: { ...initialState(start), outage }, events: [], samples: [] };
    expect(reportOf(neverRead, at(2))).toMatchObject({
      outcome: 'never seen',
      gaps: [{ from: start, to: undefined, reason: 'unreachable' }],
    });
  });

  it('has the outcome "never seen" for a migration that no watcher has polled', async () => {
    const [recording] = await recordingsOf([orders], [], []);
    expect(recording && reportOf(recording, start)).toMatchObject({ outcome: 'never seen', timeline: [] });
  });
});

/** Returns the event of an outage of a project, or of the account. */
const outageAt = (hours: number, groupId?: string) =>
  scopeUnreachable(
    {
      scope: groupId === undefined ? 'account' : 'project',
      ...(groupId !== undefined && { groupId }),
      since: at(hours),
      reportedAt: at(hours),
      migrations: 4,
      errorType: 'timeout',
      probe: keyOf(orders),
    },
    errorOf('timeout'),
    at(hours),
    false,
  );

describe('the recordings', () => {
  it.each([
    { rule: 'of the account', event: outageAt(2), isIncluded: true },
    { rule: 'of its project', event: outageAt(2, orders.groupId), isIncluded: true },
    { rule: 'of another project', event: outageAt(2, 'f'.repeat(24)), isIncluded: false },
    { rule: 'from before it was watched', event: outageAt(-1), isIncluded: false },
    { rule: 'from after it ended', event: outageAt(9), isIncluded: false },
  ])('have an outage $rule among the events of a migration: $isIncluded', async ({ event, isIncluded }) => {
    const { state, samples, events } = played(
      (ms) => (ms < 4 * hour ? working : { status: 'COMPLETE' }),
      5 * hour,
    );
    if (state === undefined) throw new Error('A poll leaves a state.');
    const [recording] = await recordingsOf([orders], [{ ...orders, state, samples }], [event, ...events]);
    expect(recording?.events.includes(event)).toBe(isIncluded);
    expect(recording?.events.map(({ time }) => time)).toEqual(
      recording?.events.map(({ time }) => time).toSorted(),
    );
  });

  it('have the reason of a gap also where the outage was reported for the project', async () => {
    const { state, samples, events } = played(downForAnHour, 3 * hour);
    if (state === undefined) throw new Error('A poll leaves a state.');
    const own = events.filter(({ event }) => event !== 'watcher.unreachable');
    const [recording] = await recordingsOf(
      [orders],
      [{ ...orders, state, samples }],
      [...own, outageAt(1.2)],
    );
    expect(recording && reportOf(recording, at(3)).gaps).toEqual([
      { from: at(1), to: at(2), reason: 'unreachable', detail: 'It was timeout.' },
    ]);
  });

  it('separate migrations that had the same name one after the other, and include those no longer configured', async () => {
    const former = played(() => ({ status: 'FAILED' }), hour, undefined, { ...targetOf(1), name: 'orders' });
    const current = played(() => working, hour);
    const migrations = [former, current].flatMap(({ state, ...rest }) => (state ? [{ ...rest, state }] : []));
    const events = [...former.events, ...current.events];
    expect(await recordingsOf([orders, targetOf(9)], migrations, events)).toMatchObject([
      { name: 'orders', liveMigrationId: orders.liveMigrationId, events: current.events },
      { name: 'm9', state: undefined, events: [], samples: [] },
      { name: 'orders', liveMigrationId: targetOf(1).liveMigrationId, events: former.events },
    ]);
  });
});
