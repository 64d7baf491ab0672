import type { Span } from './lane.ts';
import { merged, type Observed, type Times } from './overlays.ts';

/** A restart within this time costs hardly more than one poll. */
const leastGapMs = 60_000;

/**
 * Returns when a watcher ran and when none did, up to `end` (ms since 1970), from the states of all migrations; the
 * present run began at `startedAt`. The log has no event of starts and stops, but what was observed shows when a watcher
 * ran.
 */
export function watcherSpans(states: readonly Observed[], startedAt: number, end: number): readonly Span[] {
  const runs = merged(
    [
      ...states.flatMap((state) => observedTimes(state, startedAt)),
      { from: startedAt, to: Math.max(startedAt, end) },
    ],
    leastGapMs,
  );
  return runs.flatMap(({ from, to }, index): Span[] => {
    const next = runs[index + 1];
    const run: Span = ['watching', from, to];
    return next === undefined ? [run] : [run, ['not_watching', to, next.from]];
  });
}

/** Returns when a migration was watched before this run, without its gaps. */
function observedTimes(
  { firstObservedAt, observation, outage, gaps = [] }: Observed,
  startedAt: number,
): readonly Times[] {
  if (firstObservedAt === undefined || observation === undefined) return [];
  const notWatched = gaps.filter(({ reason }) => reason === 'not watched');
  const last = Math.max(observation.observedAt, outage?.since ?? 0);
  const starts = [firstObservedAt, ...notWatched.map(({ to }) => to)];
  const ends = [...notWatched.map(({ from }) => from), last];
  return starts.map((from, index) => ({ from, to: Math.min(startedAt, ends[index] ?? last) }));
}
