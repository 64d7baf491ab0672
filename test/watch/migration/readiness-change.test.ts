import { describe, expect, test } from 'vitest';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { hour, minute, namesOf, type PollOfHistory, policy, start } from '../sample-migrations.ts';
import { play } from './played.ts';
import { ready, working } from './transition-rules.ts';

const later = (outcome: PollOfHistory['outcome'], hours: number): PollOfHistory => ({
  outcome,
  laterMs: hours * hour - minute,
});
const quiet = { ...policy, warnBeforeMs: [], remindEveryMs: 0 };

/** The last event of a readiness. */
function readinessAfter(polls: Parameters<typeof play>[0], from?: MigrationState) {
  return play(polls, from, quiet).events.findLast(({ event }) => event === 'migration.ready_for_cutover');
}

describe('a readiness that comes back', () => {
  test.each([
    { rule: 'a minute', hours: 1 / 60, since: start },
    { rule: 'a tenth of the window', hours: 12, since: start },
  ])('$rule after its withdrawal continues its window', ({ hours, since }) => {
    expect(readinessAfter([ready, working, later(ready, hours)])).toMatchObject({
      readySince: new Date(since).toISOString(),
      deadline: new Date(since + 120 * hour).toISOString(),
      readySinceKnown: false,
      readyAgain: true,
      windowContinued: true,
    });
  });

  test('more than a tenth of the window after its withdrawal opens a window of its own', () => {
    const event = readinessAfter([ready, working, later(working, 6), later(ready, 6.1)]);
    expect(event).toMatchObject({ readySinceKnown: true, readyAgain: true });
    expect(event?.readySince).toBe(new Date(start + minute + 12.1 * hour).toISOString());
    expect(event).not.toHaveProperty('windowContinued');
  });

  test('again and again keeps the first window, as each time counts from its own withdrawal', () => {
    const flap = [ready, later(working, 20), later(ready, 10)];
    expect(readinessAfter([...flap, ...flap, ...flap])).toMatchObject({
      readySince: new Date(start).toISOString(),
      windowContinued: true,
    });
  });

  test('repeats no warning of the window, and emits those that fell due meanwhile as one', () => {
    const polls = [ready, later(ready, 73), later(working, 1), later(ready, 0.5), later(ready, 41)];
    expect(play(polls).events.filter(({ threshold }) => threshold !== undefined)).toMatchObject([
      { threshold: '48h' },
      { threshold: '6h', alsoDue: ['24h'] },
    ]);
  });

  test('after the deadline of its window says so at once', () => {
    const { last } = play([ready, later(working, 115), later(ready, 8)]);
    expect(last).toMatchObject([
      { event: 'migration.ready_for_cutover', windowContinued: true, remainingSeconds: -10_800 },
      { event: 'migration.cutover_deadline_passed' },
    ]);
  });

  test('after a restart, or from a state of an older version, is one like any other', () => {
    const restarted = readinessAfter([
      ready,
      { outcome: working, restarted: true },
      { outcome: ready, restarted: true },
    ]);
    expect(restarted).toMatchObject({ windowContinued: true });
    const { withdrawn: _unknown, ...older } = play([ready, working]).state ?? {};
    expect(readinessAfter([ready], older as MigrationState)).not.toHaveProperty('windowContinued');
  });
});

describe('a migration that is not ready', () => {
  test('forgets a window that cannot be continued any more', () => {
    expect(play([ready, working, later(working, 12)]).state).toHaveProperty('withdrawn');
    expect(play([ready, working, later(working, 12.1)]).state).not.toHaveProperty('withdrawn');
  });
});

const withLag = { ...ready, lagTimeSeconds: 3 };
const started = (polls: Parameters<typeof play>[0]): number =>
  namesOf(play(polls, undefined, quiet).events).filter((name) => name === 'migration.cutover_started').length;

describe('a cutover', () => {
  test('seems to have begun when the lag of a ready migration is gone on three polls in a row', () => {
    const { last, state } = play([working, withLag, ready, ready, ready]);
    expect(last).toMatchObject([
      { event: 'migration.cutover_started', level: 'info', estimated: true, readyForSeconds: 180 },
    ]);
    expect(state?.readiness?.cutover).toEqual({ withoutLag: 3, startedAt: start + 4 * minute });
  });

  test.each<[string, Parameters<typeof play>[0], number]>([
    ['once, however long the lag stays away', [withLag, ...Array.from({ length: 9 }, () => ready)], 1],
    ['with failed polls between', [withLag, ready, 'network', ready, 'timeout', ready], 1],
    ['with a restart between', [withLag, ready, { outcome: ready, restarted: true }, ready], 1],
    ['not where the lag comes back', [withLag, ready, ready, withLag, ready, ready], 0],
    [
      'again where it comes back and is gone once more',
      [withLag, ready, ready, ready, withLag, ready, ready, ready],
      2,
    ],
    ['not where there never was a lag', [working, ready, ready, ready, ready], 0],
    [
      'not where the lag was there before the readiness only',
      [{ ...working, lagTimeSeconds: 3 }, ready, ready, ready],
      0,
    ],
    [
      'not with another status',
      [withLag, ...Array.from({ length: 4 }, () => ({ status: 'PENDING', readyForCutover: true }))],
      0,
    ],
    ['not where it is not ready', [withLag, working, working, working], 0],
    [
      'not with a lag of 0',
      [withLag, ...Array.from({ length: 4 }, () => ({ ...ready, lagTimeSeconds: 0 }))],
      0,
    ],
  ])('%s', (_, polls, times) => {
    expect(started(polls)).toBe(times);
  });

  test.each<[string, Parameters<typeof play>[0], boolean]>([
    ['with its lag', [withLag, { ...working, lagTimeSeconds: 40 }], false],
    ['where no lag was ever reported', [ready, working], false],
    ['and its lag with it', [withLag, working], true],
    ['after the cutover seemed to have begun', [withLag, ready, ready, ready, working], true],
  ])('a readiness that is withdrawn %s may be a cutover: %#', (_, polls, mayHaveBegun) => {
    const { last } = play(polls, undefined, quiet);
    expect(namesOf(last)).toEqual(['migration.readiness_withdrawn']);
    expect(last[0]?.cutoverMayHaveBegun).toBe(mayHaveBegun ? true : undefined);
    expect(last[0]?.msg.includes('Do not cut over now')).toBe(!mayHaveBegun);
  });

  test('reminders rest from its beginning until the lag is back', () => {
    const begun = [withLag, ready, ready, ready];
    expect(namesOf(play([...begun, later(ready, 60)]).last)).toEqual([]);
    expect(namesOf(play([...begun, later(withLag, 60)]).last)).toEqual(['migration.cutover_reminder']);
  });
});

describe('a migration that is there again after it had disappeared', () => {
  const notFound = Array<'not_found'>(12).fill('not_found');

  test('goes from DISAPPEARED to its status, and keeps its readiness', () => {
    const { last, state } = play([ready, ...notFound, ready]);
    expect(last).toMatchObject([{ event: 'migration.status_changed', from: 'DISAPPEARED', to: 'WORKING' }]);
    expect(state?.readiness?.since).toBe(start);
    expect(state).not.toHaveProperty('settlement');
  });

  test('is reported where no status was ever known', () => {
    expect(play([{}, ...notFound, {}]).last).toMatchObject([
      { event: 'migration.status_changed', from: 'DISAPPEARED', to: 'UNKNOWN' },
    ]);
  });

  test('and not ready any more is a withdrawal', () => {
    expect(namesOf(play([ready, ...notFound, working]).last)).toEqual([
      'migration.status_changed',
      'migration.readiness_withdrawn',
    ]);
  });
});
