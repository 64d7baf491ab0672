import { describe, expect, it, test } from 'vitest';
import { applyFailure } from '../../../src/watch/migration/failed-poll.ts';
import {
  alone,
  errorOf,
  namesOf,
  type Outcome,
  orders,
  type PollOfHistory,
  play,
  policy,
  start,
} from '../sample-migrations.ts';

const seen = { status: 'WORKING', readyForCutover: true };
const failed = { event: 'watcher.poll_failed', level: 'warn', duringOutage: false };
const failedAgain = { event: 'watcher.poll_failed', level: 'debug', duringOutage: true };

interface Rule {
  readonly rule: string;
  readonly polls: readonly (Outcome | PollOfHistory)[];
  /** The events of the last poll. */
  readonly expected: readonly { readonly event: string; readonly [field: string]: unknown }[];
}

const rules: readonly Rule[] = [
  {
    rule: 'one failure',
    polls: [seen, 'server_error'],
    expected: [
      {
        ...failed,
        errorType: 'server_error',
        attempts: 4,
        failures: 1,
        status: 'WORKING',
        detail: 'It was server_error.',
      },
    ],
  },
  {
    rule: 'as many failures as make a migration unreachable',
    polls: [seen, 'timeout', 'network', 'tls'],
    expected: [
      {
        event: 'watcher.unreachable',
        level: 'error',
        errorType: 'tls',
        since: '2026-11-23T23:01:00.000Z',
        failures: 3,
      },
      { ...failed, failures: 3 },
    ],
  },
  {
    rule: 'unreachable is said once',
    polls: [seen, 'network', 'network', 'network', 'network'],
    expected: [{ ...failedAgain, failures: 4 }],
  },
  {
    rule: 'unreachable is not said again after a restart',
    polls: [seen, 'network', 'network', 'network', { outcome: 'network', restarted: true }],
    expected: [{ ...failedAgain, failures: 4 }],
  },
  {
    rule: 'a fault of the watcher is an error',
    polls: [seen, 'internal'],
    expected: [{ event: 'watcher.poll_failed', level: 'error', errorType: 'internal' }],
  },
  {
    rule: 'a fault of the watcher is an error while unreachable, too',
    polls: [seen, 'network', 'network', 'network', 'internal'],
    expected: [{ event: 'watcher.poll_failed', level: 'error', duringOutage: true }],
  },
  {
    rule: 'failures are counted from the last success on',
    polls: ['network', 'network', seen, 'network'],
    expected: [{ ...failed, failures: 1 }],
  },
  {
    rule: '404 of what was never seen',
    polls: ['not_found', 'not_found'],
    expected: [{ ...failed, errorType: 'not_found', httpStatus: 404, failures: 2 }],
  },
  {
    rule: '404 of what was never seen makes it unreachable, not gone',
    polls: ['not_found', 'not_found', 'not_found'],
    expected: [
      { event: 'watcher.unreachable', errorType: 'not_found' },
      { ...failed, failures: 3 },
    ],
  },
  { rule: 'one 404 of what was seen', polls: [seen, 'not_found'], expected: [{ ...failed, failures: 1 }] },
  {
    rule: 'two 404 of what was seen',
    polls: [seen, 'not_found', 'not_found'],
    expected: [
      {
        event: 'migration.disappeared',
        level: 'error',
        status: 'WORKING',
        observedAt: '2026-11-23T23:00:00.000Z',
      },
    ],
  },
  {
    rule: 'two 404, with a restart between',
    polls: [seen, 'not_found', { outcome: 'not_found', restarted: true }],
    expected: [{ event: 'migration.disappeared', whileDown: true }],
  },
  {
    rule: 'two 404 with another error between',
    polls: [seen, 'not_found', 'network', 'not_found'],
    expected: [{ event: 'watcher.unreachable' }, failed],
  },
  {
    rule: 'two 404 with a success between',
    polls: [seen, 'not_found', seen, 'not_found'],
    expected: [failed],
  },
];

describe('a poll that fails', () => {
  it.each(rules)('$rule', ({ polls, expected }) => {
    const { last } = play(polls);
    expect(namesOf(last)).toEqual(expected.map(({ event }) => event));
    expect(last).toMatchObject(expected);
  });
});

test('a migration that is gone is settled and no longer in an outage', () => {
  const { state } = play([seen, 'network', 'network', 'network', 'not_found', 'not_found']);
  expect(state).toMatchObject({ settlement: 'DISAPPEARED' });
  expect(state).not.toHaveProperty('outage');
});

test('a readiness outlives an outage', () => {
  const { events } = play([seen, 'network', 'network', 'network', seen]);
  expect(namesOf(events).filter((name) => name === 'migration.ready_for_cutover')).toHaveLength(1);
});

test('the outage is told to have lasted since its first failure', () => {
  const { last } = play([seen, 'network', 'network', 'network', 'network', seen]);
  expect(last).toMatchObject([{ event: 'watcher.recovered', downSeconds: 240 }]);
});

test('with unreachableAfter 1 the first failure is enough', () => {
  const failure = { error: errorOf('network'), attempts: 1 };
  const { events } = applyFailure(
    orders,
    undefined,
    failure,
    start,
    alone,
    { ...policy, unreachableAfter: 1 },
    false,
  );
  expect(namesOf(events)).toEqual(['watcher.unreachable', 'watcher.poll_failed']);
});
