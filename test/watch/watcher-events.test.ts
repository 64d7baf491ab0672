import { expect, it } from 'vitest';
import { countStatuses, heartbeat } from '../../src/watch/watcher-events.ts';
import { minute, play, start } from './sample-migrations.ts';

const states = [
  undefined,
  play([{}]).state,
  play([{ status: 'WORKING', readyForCutover: true }]).state,
  play([{ status: 'WORKING' }, 'network', 'network', 'network']).state,
  play([{ status: 'WORKING', readyForCutover: true }, { status: 'COMPLETE' }]).state,
  play([{ status: 'NEW' }, 'not_found', 'not_found']).state,
];

const none = { polls: 0, pollFailures: 0, droppedLines: 0 };

it('counts what each migration is, its end before its status', () => {
  expect(countStatuses(states)).toEqual({ UNKNOWN: 2, WORKING: 2, COMPLETE: 1, DISAPPEARED: 1 });
});

it('says how things stand', () => {
  expect(heartbeat(states, { ...none, polls: 12, pollFailures: 5 }, start + 5 * minute)).toEqual({
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
  expect(heartbeat([undefined], none, start)).not.toHaveProperty('oldestObservationSeconds');
  expect(heartbeat([play([{ status: 'FAILED' }]).state], none, start)).not.toHaveProperty(
    'oldestObservationSeconds',
  );
});

it('gives no negative age when the clock was set back', () => {
  const fields = heartbeat([play([{}]).state], { ...none, polls: 1 }, start - minute);
  expect(fields.oldestObservationSeconds).toBe(0);
});

it('says how many lines nobody read in time, once there are any', () => {
  expect(heartbeat(states, none, start)).not.toHaveProperty('droppedLines');
  expect(heartbeat(states, { ...none, droppedLines: 7 }, start)).toMatchObject({ droppedLines: 7 });
});
