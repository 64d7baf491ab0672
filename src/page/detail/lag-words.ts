import { formatSpan } from '../../events/format.ts';
import { ago, localText } from '../times.ts';
import type { TimeWindow } from './plot-window.ts';
import type { StoredSample } from './samples.ts';

/** The lags of a part of the plot, in words. */
interface LagSummary {
  /** The part, in seconds since 1970. */
  readonly shown: TimeWindow;
  /** Whether the part is all that was asked for. */
  readonly isWhole: boolean;
  /** Whether the latest reading of the migration is current. */
  readonly isCurrent: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Returns the first, the highest and the last lag of a part of the plot, in words. `samples` are oldest first. */
export function lagSummary(
  samples: readonly StoredSample[],
  { shown, isWhole, isCurrent, now }: LagSummary,
): string {
  const seen = samples.filter(({ observedAt }) => {
    const at = Date.parse(observedAt) / 1000;
    return at >= shown.from && at <= shown.to;
  });
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined)
    return samples.length === 0 ? 'No lag reported in this period.' : 'No lag reported in this part.';
  const lags = seen.map(({ lagTimeSeconds, highest }) => highest ?? lagTimeSeconds);
  const peak = lags.reduce((one, other) => Math.max(one, other));
  const isLatest = isWhole && last === samples.at(-1);
  const end =
    isLatest && isCurrent
      ? `Now ${formatSpan(last.lagTimeSeconds)}.`
      : `Last ${formatSpan(last.lagTimeSeconds)}${isLatest ? `, ${ago((now - Date.parse(last.observedAt)) / 1000)}` : ''}.`;
  return `First ${formatSpan(first.lagTimeSeconds)}. Peak ${formatSpan(peak)}. ${end}`;
}

/** Returns one sample in words: `Thu 3 Dec, 14:45: lag 4 s`. `at` in seconds and `now` in ms since 1970. */
export function sampleText(at: number, lag: number, now: number): string {
  return `${localText(at * 1000, now)}: lag ${formatSpan(lag)}`;
}
