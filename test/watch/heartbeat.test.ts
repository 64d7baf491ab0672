import { expect, it } from 'vitest';
import { countStatuses, heartbeat } from '../../src/watch/heartbeat.ts';
import { minute, play, start } from './orders.ts';

const states = [
  undefined,
  play([{}]).state,
  play([{ status: 'WORKING', readyForCutover: true }]).state,
  play([{ status: 'WORKING' }, 'network', 'network', 'network']).state,
  play([{ status: 'WORKING', readyForCutover: true }, { status: 'COMPLETE' }]).state,
  play([{ status: 'NEW' }, 'not_found', 'not_found']).state,
];

it('counts what each migration is, its end before its status', () => {
  expect(countStatuses(states)).toEqual({ UNKNOWN: 2, WORKING: 2, COMPLETE: 1, DISAPPEARED: 1 });
});

it('says how things stand', () => {
  expect(heartbeat(states, { polls: 12, pollFailures: 5 }, start + 5 * minute)).toEqual({
    migrations: 6,
    statuses: { UNKNOWN: 2, WORKING: 2, COMPLETE: 1, DISAPPEARED: 1 },
    ready: 1,
    unreachable: 1,
    settled: 2,
    polls: 12,
    pollFailures: 5,
    oldestObservationSeconds: 300,
  });
});

it('has no oldest observation where there is none, or only of what is settled', () => {
  const counts = { polls: 0, pollFailures: 0 };
  expect(heartbeat([undefined], counts, start)).not.toHaveProperty('oldestObservationSeconds');
  expect(heartbeat([play([{ status: 'FAILED' }]).state], counts, start)).not.toHaveProperty(
    'oldestObservationSeconds',
  );
});

it('gives no negative age when the clock was set back', () => {
  const fields = heartbeat([play([{}]).state], { polls: 1, pollFailures: 0 }, start - minute);
  expect(fields.oldestObservationSeconds).toBe(0);
});
