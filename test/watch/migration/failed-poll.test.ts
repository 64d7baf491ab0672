import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { applyFailure, faultFields, wouldDisappear } from '../../../src/watch/migration/failed-poll.ts';
import {
  errorOf,
  hour,
  minute,
  namesOf,
  type Outcome,
  type PollOfHistory,
  start,
} from '../sample-migrations.ts';
import { play } from './played.ts';

const seen = { status: 'WORKING', readyForCutover: true };

const notFound = (count: number): Outcome[] => Array<Outcome>(count).fill('not_found');

interface Rule {
  readonly rule: string;
  readonly polls: readonly (Outcome | PollOfHistory)[];
  /** The events of the last poll. */
  readonly expected: readonly { readonly event: string; readonly [field: string]: unknown }[];
  /** What the state remembers after it. */
  readonly state: Readonly<Record<string, unknown>>;
}

const rules: readonly Rule[] = [
  {
    rule: 'once is counted and not reported',
    polls: [seen, 'server_error'],
    expected: [],
    state: {
      known: seen,
      outage: { failures: 1, since: start + minute, errorType: 'server_error' },
      notFoundInARow: 0,
    },
  },
  {
    rule: 'for unreachableAfter is reported, with the latest error',
    polls: [seen, 'timeout', 'network', 'tls'],
    expected: [
      {
        event: 'watcher.unreachable',
        level: 'error',
        scope: 'migration',
        errorType: 'tls',
        status: 'WORKING',
        since: '2026-11-23T23:01:00.000Z',
        failures: 3,
      },
    ],
    state: { outage: { failures: 3, reportedAt: start + 3 * minute } },
  },
  {
    rule: 'after that is not reported again',
    polls: [seen, 'network', 'network', 'network', 'network'],
    expected: [],
    state: { outage: { failures: 4 } },
  },
  {
    rule: 'after that is not reported again by another run',
    polls: [seen, 'network', 'network', 'network', { outcome: 'network', restarted: true }],
    expected: [],
    state: { outage: { failures: 4, since: start + minute } },
  },
  {
    rule: 'is counted from the latest success on',
    polls: ['network', 'network', seen, 'network'],
    expected: [],
    state: { outage: { failures: 1, since: start + 3 * minute } },
  },
  {
    rule: 'twice with 404, never seen, is an outage and no disappearance',
    polls: ['not_found', 'not_found'],
    expected: [{ event: 'watcher.unreachable', errorType: 'not_found', httpStatus: 404, failures: 2 }],
    state: { outage: { failures: 2 }, notFoundInARow: 0 },
  },
  {
    rule: 'once with 404, seen before, is not believed yet',
    polls: [seen, 'not_found'],
    expected: [],
    state: { outage: { failures: 1 }, notFoundInARow: 1 },
  },
  {
    rule: 'with nothing but 404 for less than ten minutes is an outage',
    polls: [seen, ...notFound(10)],
    expected: [],
    state: { outage: { failures: 10, reportedAt: start + 3 * minute }, notFoundInARow: 10 },
  },
  {
    rule: 'with nothing but 404 for ten minutes is a disappearance, which ends the outage',
    polls: [seen, ...notFound(11)],
    expected: [
      {
        event: 'migration.disappeared',
        level: 'error',
        status: 'WORKING',
        observedAt: '2026-11-23T23:00:00.000Z',
        notFoundForSeconds: 600,
      },
      { event: 'watcher.recovered', scope: 'migration', endedBy: 'disappeared', downSeconds: 600 },
    ],
    state: { settlement: 'DISAPPEARED', settledAt: start + 11 * minute },
  },
  {
    rule: 'twice with 404, an hour apart, is none',
    polls: [seen, 'not_found', { outcome: 'not_found', laterMs: 60 * minute }],
    expected: [{ event: 'watcher.unreachable' }],
    state: { outage: { failures: 2 }, notFoundInARow: 2 },
  },
  {
    rule: 'three times with 404 and a restart between is a disappearance',
    polls: [
      seen,
      'not_found',
      { outcome: 'not_found', restarted: true, laterMs: 5 * minute },
      { outcome: 'not_found', restarted: true, laterMs: 5 * minute },
    ],
    expected: [{ event: 'migration.disappeared' }, { event: 'watcher.recovered' }],
    state: { settlement: 'DISAPPEARED' },
  },
  {
    rule: 'with 404 and another error between counts from the error on',
    polls: [seen, ...notFound(8), 'network', ...notFound(8)],
    expected: [],
    state: { notFoundInARow: 8, notFoundSince: start + 10 * minute },
  },
  {
    rule: 'with 404 and a success between counts from the success on',
    polls: [seen, ...notFound(8), seen, ...notFound(8)],
    expected: [],
    state: { notFoundInARow: 8, notFoundSince: start + 10 * minute },
  },
  {
    rule: 'after a disappearance changes nothing',
    polls: [seen, ...notFound(11), 'not_found', 'network'],
    expected: [],
    state: { settlement: 'DISAPPEARED', settledAt: start + 11 * minute },
  },
  {
    rule: 'after the end changes nothing',
    polls: [{ status: 'COMPLETE' }, ...notFound(12)],
    expected: [],
    state: { settlement: 'COMPLETE', settledAt: start },
  },
];

describe('A poll that fails', () => {
  it.each(rules)('$rule', ({ polls, expected, state: remembered }) => {
    const { last, state } = play(polls);
    expect(namesOf(last)).toEqual(expected.map(({ event }) => event));
    expect(last).toMatchObject(expected);
    expect(state).toMatchObject(remembered);
    if (state?.settlement !== undefined) expect(state).not.toHaveProperty('outage');
  });

  it('dates the outage from when the poll began', () => {
    const failed = { error: errorOf('timeout'), startedAt: start - minute, isNotFoundShared: false };
    const { state } = applyFailure({ now: start }, undefined, failed);
    expect(state.outage).toEqual({ failures: 1, since: start - minute, errorType: 'timeout' });
  });

  it.each([
    { rule: 'ten minutes', isNotFoundShared: false, elapsed: 10 * minute, gone: true },
    {
      rule: 'ten minutes where most others are answered so',
      isNotFoundShared: true,
      elapsed: 10 * minute,
      gone: false,
    },
    {
      rule: 'a day where most others are answered so',
      isNotFoundShared: true,
      elapsed: 24 * hour,
      gone: true,
    },
  ])('with 404 for $rule: $gone', ({ isNotFoundShared, elapsed, gone }) => {
    const before: MigrationState = {
      ...initialState(start),
      observation: { observedAt: start - minute },
      notFoundInARow: 9,
      notFoundSince: start,
    };
    const now = start + elapsed;
    const failed = { error: errorOf('not_found'), startedAt: now, isNotFoundShared };
    expect(wouldDisappear(before, now, now)).toBe(true);
    expect(applyFailure({ now }, before, failed).state.settlement).toBe(gone ? 'DISAPPEARED' : undefined);
  });

  it('with 404 after an older version counted two of them is no disappearance yet', () => {
    const before = { ...initialState(start), observation: { observedAt: start }, notFoundInARow: 2 };
    const failed = { error: errorOf('not_found'), startedAt: start + minute, isNotFoundShared: false };
    expect(applyFailure({ now: start + minute }, before, failed).state).toMatchObject({
      notFoundInARow: 3,
      notFoundSince: start + minute,
    });
  });
});

describe('An outage', () => {
  it('leaves a readiness as it was', () => {
    const { events } = play([seen, 'network', 'network', 'network', seen]);
    expect(namesOf(events).filter((name) => name === 'migration.ready_for_cutover')).toHaveLength(1);
  });

  it('has lasted since its first failure when it ends', () => {
    const { last } = play([seen, 'network', 'network', 'network', 'network', seen]);
    expect(last).toMatchObject([{ event: 'watcher.recovered', downSeconds: 240 }]);
  });
});

describe('The fields of a fault', () => {
  it('have the remedy of the error', () => {
    const error = errorOf('network');
    expect(faultFields(error)).toEqual({
      errorType: 'network',
      detail: 'It was network.',
      remedy: error.remedy,
    });
  });

  it('explain the first 404 of a migration that was seen', () => {
    expect(faultFields(errorOf('not_found'), 1)).toMatchObject({
      httpStatus: 404,
      remedy: expect.stringMatching(/^It was there before: /) as unknown,
    });
  });
});
