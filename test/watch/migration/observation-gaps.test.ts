import { expect, it } from 'vitest';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { observationGaps } from '../../../src/watch/migration/observation-gaps.ts';
import { minute, type Outcome, type PollOfHistory, start } from '../sample-migrations.ts';
import { play } from './played.ts';

const working = { status: 'WORKING', readyForCutover: false };
const restart = { wasUnreachable: false, resumed: true };
const at = (minutes: number): number => start + minutes * minute;

it.each<[string, readonly (Outcome | PollOfHistory)[], unknown]>([
  ['none in which all is well', [working, working], undefined],
  ['none after one failed poll, which is no outage yet', [working, 'network', working], undefined],
  [
    'an outage that was reported, from the last observation on',
    [working, 'network', 'timeout', 'network', working, working],
    [{ from: at(0), to: at(4), reason: 'unreachable' }],
  ],
  [
    'an outage before anything was seen',
    ['not_found', 'not_found', 'not_found', working],
    [{ from: at(0), to: at(3), reason: 'unreachable' }],
  ],
  [
    'a restart, and an outage later on',
    [
      working,
      { outcome: working, restarted: true, laterMs: 4 * minute },
      'network',
      'network',
      'network',
      working,
    ],
    [
      { from: at(0), to: at(5), reason: 'not watched' },
      { from: at(5), to: at(9), reason: 'unreachable' },
    ],
  ],
  [
    'an outage with a restart in it',
    [working, 'network', 'network', 'network', { outcome: 'network', restarted: true }, working],
    [{ from: at(0), to: at(5), reason: 'unreachable' }],
  ],
])('the gaps are %s', (_name, polls, gaps) => {
  expect(play(polls).state?.gaps).toEqual(gaps);
});

it('a quick restart is no gap', () => {
  const observation = { observedAt: start };
  const state = { ...initialState(start), observation };
  expect(observationGaps(state, at(4) - 1, restart)).toEqual([]);
  expect(observationGaps(state, at(4), restart)).toHaveLength(1);
});

it('the oldest are forgotten when there are very many', () => {
  const gap = { from: start, to: start + minute, reason: 'not watched' as const };
  const state = {
    ...initialState(start),
    observation: { observedAt: start },
    gaps: Array.from({ length: 50 }, () => gap),
  };
  const later = observationGaps(state, at(9), restart);
  expect(later).toHaveLength(50);
  expect(later.at(-1)?.to).toBe(at(9));
});
