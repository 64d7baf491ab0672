import { type Readiness, readyAt } from './readiness.ts';
import { mean, quantile } from './report.ts';
import type { Target } from './targets.ts';
import type { WatchedProgram } from './watched-program.ts';

/** From turning ready to the line on standard output, in seconds. */
export interface Delays {
  readonly migrations: number;
  readonly everySeconds: number;
  readonly lines: number;
  /** Of these, what never came. */
  readonly missing: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Returns how long the news took. A migration that is polled every so many seconds, and turns ready at a moment of its
 * own, waits half of that on average: no schedule can do better, whatever the program.
 */
export function delaysOf(
  { readyLines }: WatchedProgram,
  readiness: Readiness,
  migrations: number,
  everySeconds: number,
): Delays {
  const seconds = readyLines.map(([number, at]) => (at - readyAt(readiness, number, at)) / 1_000);
  return {
    migrations,
    everySeconds,
    lines: seconds.length,
    missing: readiness.kind === 'once' ? migrations - seconds.length : 0,
    mean: mean(seconds),
    p50: quantile(seconds, 0.5),
    p99: quantile(seconds, 0.99),
    max: quantile(seconds, 1),
  };
}

/** News that never came is no figure to take a median of: it fails. */
export function delayTarget(delays: readonly Delays[]): Target {
  return {
    what: 'migrations that turned ready without a line',
    value: delays.length === 0 ? Number.NaN : delays.reduce((sum, { missing }) => sum + missing, 0),
    limit: 0,
    is: 'at most',
  };
}

/** Returns how long each line about readiness came after the reply of Atlas, in ms. */
export function lineDelays(
  { readyLines }: WatchedProgram,
  requests: readonly (readonly [number: number, at: number])[],
  replyDelayMs: number,
): readonly number[] {
  const byNumber = Map.groupBy(requests, ([number]) => number);
  return readyLines.flatMap(([number, at]) => {
    const before = byNumber.get(number)?.findLast(([, askedAt]) => askedAt <= at);
    return before === undefined ? [] : [at - before[1] - replyDelayMs];
  });
}
