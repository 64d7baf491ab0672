import { describe, expect, it } from 'vitest';
import type { Observed } from '../../../src/watch/migration/overlays.ts';
import { watcherSpans } from '../../../src/watch/migration/watcher-lane.ts';
import { hour, minute, start } from '../sample-migrations.ts';

const at = (hours: number): number => start + hours * hour;
const read: Observed = {
  rememberedSince: start,
  firstObservedAt: start,
  observation: { observedAt: at(10) },
};
const gap = (from: number, to: number) => ({ from: at(from), to: at(to), reason: 'not watched' as const });

/** Returns when no watcher ran, in hours since the start. */
function gaps(states: readonly Observed[], startedAt: number, end = 12) {
  return watcherSpans(states, at(startedAt), at(end)).flatMap(([name, from, to]) =>
    name === 'not_watching' ? [[(from - start) / hour, (to - start) / hour]] : [],
  );
}

describe('the lane of the watcher', () => {
  it('begins with the first observation, and is without a hole', () => {
    expect(watcherSpans([{ ...read, gaps: [gap(2, 4)] }], at(9), at(12))).toEqual([
      ['watching', start, at(2)],
      ['not_watching', at(2), at(4)],
      ['watching', at(4), at(12)],
    ]);
  });

  it('has a gap where no migration was watched', () => {
    const one = { ...read, gaps: [gap(2, 4), gap(6, 7)] };
    const other = { ...read, gaps: [gap(2.1, 3.9)] };
    expect(gaps([one, other], 9)).toEqual([[2.1, 3.9]]);
    expect(gaps([one], 9)).toEqual([
      [2, 4],
      [6, 7],
    ]);
  });

  it('has the gap before the present run, whether or not anything was read in it', () => {
    const before = { ...read, observation: { observedAt: at(8) } };
    expect(gaps([before], 11)).toEqual([[8, 11]]);
    expect(gaps([{ ...before, gaps: [gap(8, 11)], observation: { observedAt: at(12) } }], 11)).toEqual([
      [8, 11],
    ]);
  });

  it('has none where Atlas could not be read', () => {
    const outage = { failures: 9, since: at(8), errorType: 'network' } as const;
    const unread = { ...read, observation: { observedAt: at(8) }, outage };
    expect(gaps([unread], 7)).toEqual([]);
  });

  it('leaves out a restart of less than a minute, and the time before anything was watched', () => {
    const before = { ...read, observation: { observedAt: at(8) } };
    const spans = watcherSpans([before], at(8) + minute - 1, at(9));
    expect(spans).toEqual([['watching', start, at(9)]]);
    expect(watcherSpans([], at(5), at(9))).toEqual([['watching', at(5), at(9)]]);
  });
});
