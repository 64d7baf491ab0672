import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { applyFailure, faultFields } from '../../../src/watch/migration/failed-poll.ts';
import {
  errorOf,
  minute,
  namesOf,
  type Outcome,
  orders,
  type PollOfHistory,
  start,
} from '../sample-migrations.ts';
import { play } from './played.ts';

const seen = { status: 'WORKING', readyForCutover: true };

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
    rule: 'twice in a row with 404, seen before, is a disappearance',
    polls: [seen, 'not_found', 'not_found'],
    expected: [
      {
        event: 'migration.disappeared',
        level: 'error',
        status: 'WORKING',
        observedAt: '2026-11-23T23:00:00.000Z',
      },
    ],
    state: { settlement: 'DISAPPEARED' },
  },
  {
    rule: 'twice with 404 and a restart between is a disappearance',
    polls: [seen, 'not_found', { outcome: 'not_found', restarted: true }],
    expected: [{ event: 'migration.disappeared', whileDown: true }],
    state: { settlement: 'DISAPPEARED' },
  },
  {
    rule: 'twice with 404 and another error between is none',
    polls: [seen, 'not_found', 'network', 'not_found'],
    expected: [{ event: 'watcher.unreachable' }],
    state: { outage: { failures: 3 }, notFoundInARow: 1 },
  },
  {
    rule: 'twice with 404 and a success between is none',
    polls: [seen, 'not_found', seen, 'not_found'],
    expected: [],
    state: { outage: { failures: 1 }, notFoundInARow: 1 },
  },
  {
    rule: 'with 404 twice in a row ends an outage that was reported',
    polls: [seen, 'network', 'network', 'network', 'not_found', 'not_found'],
    expected: [
      { event: 'migration.disappeared' },
      { event: 'watcher.recovered', scope: 'migration', downSeconds: 240 },
    ],
    state: { settlement: 'DISAPPEARED' },
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
    const failed = { error: errorOf('timeout'), startedAt: start - minute };
    const { state } = applyFailure({ target: orders, now: start, resumed: false }, undefined, failed);
    expect(state.outage).toEqual({ failures: 1, since: start - minute, errorType: 'timeout' });
  });

  it('with 404 confirms at the first answer that a migration which disappeared is gone, and says nothing', () => {
    const gone: MigrationState = {
      ...initialState(start),
      observation: { observedAt: start },
      settlement: 'DISAPPEARED',
    };
    const failed = { error: errorOf('not_found'), startedAt: start };
    const after = applyFailure({ target: orders, now: start, resumed: true }, gone, failed);
    expect(after).toEqual({ state: { ...gone, notFoundInARow: 1 }, drafts: [] });
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
