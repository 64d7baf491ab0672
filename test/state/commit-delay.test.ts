import { describe, expect, it, test } from 'vitest';
import { commitDelayMs } from '../../src/state/commit-delay.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import type { Change } from '../../src/state/state-cache.ts';
import { accountOutage, eventOf, orders, start, stateWith } from './sample-change.ts';
import { readMigrations } from './stored-rows.ts';
import { troubledRecorder } from './troubled-recorder.ts';

const known: MigrationState = {
  ...stateWith('WORKING'),
  firstObservedAt: start,
  observation: { status: 'WORKING', lagTimeSeconds: 90, observedAt: start },
  lagProgress: { lowest: 80, highest: 90, observedAt: start, idleMs: 0, stalled: false },
};

const patienceMs = 180_000;

function delayOf(change: Change, former: MigrationState | undefined = known, waiting = 1): number {
  return commitDelayMs(former, change, { waiting, patienceMs });
}

function pollWith(state: Partial<MigrationState>): Change {
  return { migration: { ...orders, state: { ...known, ...state } }, events: [] };
}

describe('the commit of a poll', () => {
  it('may wait where only its time, its lag and the progress of the lag are new', () => {
    const observedAt = start + 20_000;
    const observation = { status: 'WORKING', lagTimeSeconds: 70, observedAt };
    const lagProgress = { lowest: 70, highest: 70, observedAt, idleMs: 20_000, stalled: false };
    expect(delayOf(pollWith({ observation, lagProgress }))).toBe(patienceMs);
  });

  it.each<[what: string, former: Partial<MigrationState>, state: Partial<MigrationState>]>([
    [
      'fails once more',
      { outage: { failures: 2, since: start, errorType: 'network' } },
      { outage: { failures: 3, since: start, errorType: 'network' } },
    ],
    [
      'is ready with a high lag for longer',
      { readiness: { since: start, sinceKnown: true, lagHigh: { forMs: 0, observedAt: start } } },
      {
        readiness: { since: start, sinceKnown: true, lagHigh: { forMs: 20_000, observedAt: start + 20_000 } },
      },
    ],
  ])('may wait where the migration %s', (_what, former, state) => {
    expect(delayOf(pollWith(state), { ...known, ...former })).toBe(patienceMs);
  });

  it.each<[what: string, state: Partial<MigrationState>]>([
    ['is ready', { readiness: { since: start, sinceKnown: true } }],
    ['is not found', { notFoundInARow: 1, notFoundSince: start }],
    ['fails', { outage: { failures: 1, since: start, errorType: 'network' } }],
    ['has another status', { known: { status: 'COMPLETE' } }],
    ['stalls', { lagProgress: { lowest: 80, highest: 90, observedAt: start, idleMs: 0, stalled: true } }],
    ['is acknowledged', { operator: { acknowledged: { statedAt: start } } }],
    ['has a gap', { gaps: [{ from: start, to: start + 1, reason: 'not watched' }] }],
    ['has ended', { settlement: 'FAILED', settledAt: start }],
  ])('comes within a second where the migration %s now', (_what, state) => {
    expect(delayOf(pollWith(state))).toBe(1_000);
  });

  it('comes within a second where nothing was known, or lag is reported for the first time', () => {
    const { lagProgress: _, ...withoutLag } = known;
    expect(commitDelayMs(undefined, pollWith({}), { waiting: 1, patienceMs })).toBe(1_000);
    expect(delayOf(pollWith({}), withoutLag)).toBe(1_000);
  });

  it('comes within a second with an outage of others, or a request that it takes up', () => {
    const outages = [{ key: 'account', outage: accountOutage }] as const;
    expect(delayOf({ ...pollWith({}), outages })).toBe(1_000);
    expect(delayOf({ ...pollWith({}), requests: ['a'] })).toBe(1_000);
  });

  it('comes at once with an event, or where a thousand wait', () => {
    expect(delayOf({ ...pollWith({}), events: [eventOf('a')] })).toBe(0);
    expect(delayOf(pollWith({}), known, 999)).toBe(patienceMs);
    expect(delayOf(pollWith({}), known, 1_000)).toBe(0);
  });
});

test('a poll that found what was known is in the file within three minutes, or with a thousand others', async () => {
  const set = await troubledRecorder();
  const poll = (observedAt: number): void => {
    const seen = { ...stateWith('WORKING'), firstObservedAt: start };
    const state = { ...seen, observation: { status: 'WORKING', lagTimeSeconds: observedAt, observedAt } };
    const sample = { observedAt, lagTimeSeconds: 4 };
    set.recorder.record({ migration: { ...orders, state, sample }, events: [] });
  };
  poll(start);
  await set.settle(1_000);
  poll(start + 20_000);
  await set.settle(179_999);
  expect(readMigrations(set.path)[0]?.samples).toHaveLength(1);
  await set.settle(180_000);
  expect(readMigrations(set.path)[0]?.samples).toHaveLength(2);
  // However many there are, they do not grow in memory.
  for (let n = 3; n <= 1_001; n += 1) poll(start + n * 20_000);
  await set.settle();
  expect(readMigrations(set.path)[0]?.samples).toHaveLength(2);
  poll(start + 1_002 * 20_000);
  await set.settle();
  expect(readMigrations(set.path)[0]?.samples).toHaveLength(1_002);
});
