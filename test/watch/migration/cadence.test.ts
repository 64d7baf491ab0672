import { expect, test } from 'vitest';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { type Cadence, cadenceOf } from '../../../src/watch/migration/cadence.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { readySoon } from '../../../src/watch/migration/lag-estimate.ts';
import { collectSamples } from '../../../src/watch/migration/lag-samples.ts';
import { middleLag } from '../../../src/watch/migration/lag-trend.ts';
import { policy, start } from '../sample-migrations.ts';

function stateAt(lagTimeSeconds: number | undefined, more: Partial<MigrationState> = {}): MigrationState {
  const observation = { observedAt: start, ...(lagTimeSeconds !== undefined && { lagTimeSeconds }) };
  return { ...initialState(start), observation, ...more };
}

const in3Minutes = 180;
const in4Minutes = 240;

test.each<[string, Cadence, MigrationState, number | undefined, Cadence]>([
  ['a large lag', 'default', stateAt(3_600), undefined, 'default'],
  ['a lag at the limit', 'default', stateAt(300), undefined, 'approaching'],
  ['a lag above it', 'default', stateAt(301), undefined, 'default'],
  ['a lag above it, but near before', 'approaching', stateAt(301), undefined, 'approaching'],
  ['a lag twice above it', 'approaching', stateAt(601), undefined, 'default'],
  ['a large lag that will be gone in three minutes', 'default', stateAt(3_600), in3Minutes, 'approaching'],
  ['a large lag that will be gone in four', 'default', stateAt(3_600), in4Minutes, 'default'],
  ['the same, but near before', 'approaching', stateAt(3_600), in4Minutes, 'approaching'],
  ['the same, but twice as far off', 'approaching', stateAt(3_600), 361, 'default'],
  ['a lag at the limit that will last', 'default', stateAt(300), 9_000, 'approaching'],
  ['a lag that Atlas does not report', 'approaching', stateAt(undefined), undefined, 'default'],
  [
    'ready',
    'approaching',
    stateAt(2, { readiness: { since: start, sinceKnown: true } }),
    undefined,
    'default',
  ],
  ['settled', 'approaching', stateAt(2, { settlement: 'COMPLETE' }), undefined, 'default'],
])('%s, having been on the %s schedule', (_, former, state, readyInSeconds, expected) => {
  const lag = { seconds: state.observation?.lagTimeSeconds, readyInSeconds };
  expect(cadenceOf(former, state, lag, policy)).toBe(expected);
});

const falling = Array.from({ length: 30 }, (_, index) => 9_000 - index * 10);

test.each<[string, readonly number[], Cadence]>([
  ['of many', [...falling, 0], 'default'],
  ['of few', [9_000, 0], 'default'],
  ['of three', [9_000, 8_990, 0], 'default'],
  ['that is confirmed', [9_000, 0, 0], 'approaching'],
])('one low sample %s changes no schedule', (_, lags, expected) => {
  const samples = collectSamples(
    lags.map((lagTimeSeconds, index) => ({ lagTimeSeconds, observedAt: start + index * 30_000 })),
  );
  const state = stateAt(lags.at(-1));
  const lag = { seconds: middleLag(samples), readyInSeconds: readySoon(samples) };
  expect(cadenceOf('default', state, lag, policy)).toBe(expected);
});
