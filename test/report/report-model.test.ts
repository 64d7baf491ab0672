import { describe, expect, it } from 'vitest';
import { recordingsOf } from '../../src/report/recorded.ts';
import { type Story, storyOf } from '../../src/report/report-model.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { hour, minute, orders, start, targetOf } from '../watch/sample-migrations.ts';
import { type Course, played, wholeCourse } from './played.ts';

const at = (hours: number): number => start + hours * hour;
const working = { status: 'WORKING', readyForCutover: false };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };

const readyEveryOtherHour: Course = (ms) =>
  Math.floor(ms / hour) % 2 === 1 ? ready : { ...working, lagTimeSeconds: 50 };
const readyWithoutLag: Course = (ms) => (ms >= hour ? { status: 'WORKING', readyForCutover: true } : working);
const completeAtOnce: Course = (ms) => (ms >= hour ? { status: 'COMPLETE' } : ready);

function storyAfter(course: Course, hours: number, now = at(hours)): Story {
  return storyOf(played(course, hours * hour), now);
}

describe('the story of a migration', () => {
  it('from its beginning to its end tells phases, readiness, window, lag and what was not seen', () => {
    const story = storyAfter(wholeCourse, 60);
    expect(story).toMatchObject({
      name: 'orders',
      outcome: 'complete',
      status: 'COMPLETE',
      from: start,
      to: at(57.5),
      ready: { since: at(31), sinceKnown: true, deadline: at(151), times: 1 },
      windowRespected: true,
      lagAtCutover: { observedAt: at(57) - 5 * minute, lagTimeSeconds: 5 },
    });
    expect(story.phases).toEqual([
      { phase: 'waiting', from: start, to: at(2) },
      { phase: 'initial_copy', from: at(2), to: at(20) },
      { phase: 'catching_up', from: at(20), to: at(31) },
      { phase: 'ready', from: at(31), to: at(57) - 5 * minute },
      { phase: 'cutover', from: at(57) - 5 * minute, to: at(57.5) },
    ]);
    expect(story.unseen).toEqual([
      { from: at(25) - 5 * minute, to: at(26), because: 'unreachable', detail: 'It was network.' },
      { from: at(40) - 5 * minute, to: at(43), because: 'not watched' },
    ]);
    expect(story.timeline.map(({ event }) => event)).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.lag_stalled',
      'migration.lag_recovered',
      'watcher.unreachable',
      'watcher.recovered',
      'migration.ready_for_cutover',
      'migration.cutover_reminder',
      'migration.cutover_reminder',
      'migration.status_changed',
      'migration.completed',
    ]);
  });

  it.each<[string, Course, Partial<Story>]>([
    ['that is copied', () => working, { outcome: 'under way', to: at(6) }],
    [
      'that is ready',
      () => ready,
      { outcome: 'ready', ready: { since: start, sinceKnown: false, deadline: at(120), times: 1 } },
    ],
    [
      'that failed',
      (ms) => (ms > hour ? { status: 'FAILED' } : working),
      { outcome: 'failed', to: at(1) + 5 * minute },
    ],
    [
      'that was ready and expired',
      (ms) => (ms > hour ? { status: 'EXPIRED' } : ready),
      { outcome: 'expired', windowRespected: false },
    ],
    [
      'that is gone',
      (ms) => (ms > hour ? 'not_found' : working),
      { outcome: 'gone', to: at(1) + 10 * minute },
    ],
  ])('%s', (_name, course, expected) => {
    expect(storyAfter(course, 6)).toMatchObject(expected);
  });

  it('leaves the window open while a migration is ready, and calls it missed when it is over', () => {
    const open = storyAfter(() => ready, 119);
    expect(open).not.toHaveProperty('windowRespected');
    expect(storyAfter(() => ready, 122).windowRespected).toBe(false);
    const late = storyAfter((ms) => (ms > 121 * hour ? { status: 'COMPLETE' } : ready), 122);
    expect(late).toMatchObject({ outcome: 'complete', windowRespected: false });
  });

  it('counts how often a migration became ready, and forgets a readiness that was withdrawn', () => {
    const twice = storyAfter(readyEveryOtherHour, 3.5);
    expect(twice.ready).toMatchObject({ since: at(3), times: 2 });
    expect(twice.phases.map(({ phase }) => phase)).toEqual(['catching_up', 'ready', 'catching_up', 'ready']);
    expect(storyAfter(readyEveryOtherHour, 2.5)).not.toHaveProperty('ready');
  });

  it('calls it copying where no lag was told to tell two phases apart by', () => {
    expect(storyAfter(readyWithoutLag, 2).phases).toEqual([
      { phase: 'copying', from: start, to: at(1) },
      { phase: 'ready', from: at(1), to: at(2) },
    ]);
  });

  it('has no cutover of its own where the lag was told until the end', () => {
    const story = storyAfter(completeAtOnce, 2);
    expect(story.phases).toEqual([{ phase: 'ready', from: start, to: at(1) }]);
    expect(story.lagAtCutover).toEqual({ observedAt: at(1) - 5 * minute, lagTimeSeconds: 3 });
  });

  it('has an outage without end while it lasts, also one that another migration told of', () => {
    const recording = played((ms) => (ms > hour ? 'network' : working), 2 * hour);
    expect(storyOf(recording, at(2)).unseen).toEqual([
      { from: at(1), to: undefined, because: 'unreachable', detail: 'It was network.' },
    ]);
    const state = {
      ...initialState(start),
      outage: { failures: 3, since: start, told: 'by another' as const },
    };
    const silent = { ...orders, state, events: [], samples: [] };
    expect(storyOf(silent, at(2))).toMatchObject({
      outcome: 'never seen',
      unseen: [{ from: start, to: undefined, because: 'unreachable' }],
    });
  });

  it('of one that no watcher has polled says so', () => {
    const [recording] = recordingsOf([orders], [], []);
    expect(recording && storyOf(recording, start)).toMatchObject({ outcome: 'never seen', timeline: [] });
  });
});

describe('the recordings', () => {
  it('keep migrations apart that had the same name one after the other, and those no longer configured', () => {
    const former = played(() => ({ status: 'FAILED' }), hour, undefined, { ...targetOf(1), name: 'orders' });
    const current = played(() => working, hour);
    const migrations = [former, current].flatMap(({ state, ...rest }) => (state ? [{ ...rest, state }] : []));
    const events = [...former.events, ...current.events];
    expect(recordingsOf([orders, targetOf(9)], migrations, events)).toMatchObject([
      { name: 'orders', liveMigrationId: orders.liveMigrationId, events: current.events },
      { name: 'm9', state: undefined, events: [], samples: [] },
      { name: 'orders', liveMigrationId: targetOf(1).liveMigrationId, events: former.events },
    ]);
  });
});
