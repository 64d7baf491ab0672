import { expect, it } from 'vitest';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { observationGaps } from '../../../src/watch/migration/observation-gaps.ts';
import { minute, type Outcome, type PollOfHistory, play, start } from '../sample-migrations.ts';

const working = { status: 'WORKING', readyForCutover: false };
const at = (minutes: number): number => start + minutes * minute;

it.each<[string, readonly (Outcome | PollOfHistory)[], unknown]>([
  ['none in which all is well', [working, working], undefined],
  ['none after one failed poll, which nobody was told of', [working, 'network', working], undefined],
  [
    'an outage that was told, from the last observation on',
    [working, 'network', 'timeout', 'network', working, working],
    [{ from: at(0), to: at(4), because: 'unreachable' }],
  ],
  [
    'an outage before anything was seen',
    ['not_found', 'not_found', 'not_found', working],
    [{ from: at(0), to: at(3), because: 'unreachable' }],
  ],
  [
    'a restart, and an outage later on',
    [working, { outcome: working, restarted: true }, 'network', 'network', 'network', working],
    [
      { from: at(0), to: at(1), because: 'not watched' },
      { from: at(1), to: at(5), because: 'unreachable' },
    ],
  ],
  [
    'an outage with a restart in it',
    [working, 'network', 'network', 'network', { outcome: 'network', restarted: true }, working],
    [{ from: at(0), to: at(5), because: 'unreachable' }],
  ],
])('%s', (_name, polls, unseen) => {
  expect(play(polls).state?.unseen).toEqual(unseen);
});

it('a quick restart is not worth a word', () => {
  const observation = { observedAt: start };
  const state = { ...initialState(start), observation };
  expect(observationGaps(state, start + minute - 1, true)).toEqual([]);
  expect(observationGaps(state, start + minute, true)).toHaveLength(1);
});

it('the oldest are forgotten when there are very many', () => {
  const spell = { from: start, to: start + minute, because: 'not watched' as const };
  const state = {
    ...initialState(start),
    observation: { observedAt: start },
    unseen: Array.from({ length: 50 }, () => spell),
  };
  const later = observationGaps(state, at(9), true);
  expect(later).toHaveLength(50);
  expect(later.at(-1)?.to).toBe(at(9));
});
