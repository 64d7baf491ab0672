import { formatSpan, spanUnits } from '../../events/format.ts';
import type { ReadyEstimate } from './lag-trend.ts';

/** Returns which way a lag goes, for people: `falling 45 s/min`. All outputs use these words. */
export function trendWords(perMinute: number): string {
  const pace = Math.abs(perMinute);
  const rounded = pace < 9.95 ? Math.round(pace * 10) / 10 : Math.round(pace);
  if (rounded === 0) return 'steady';
  return `${perMinute < 0 ? 'falling' : 'rising'} ${rounded} s/min`;
}

/** How long something may take, for people. All outputs use these words. */
export interface EstimateWords {
  /** `about 12 min`, or `a moment`. */
  readonly middle: string;
  /** What it may be as well: `8 to 20`, in the unit of the middle. */
  readonly range?: string;
  /** The same where it stands by itself: `8 to 20 min`. */
  readonly wholeRange?: string;
}

/** A number in its unit must have some resolution: 90 min rather than 2 h. */
const leastCount = 2;

/** Returns an estimate in words, `ageSeconds` after it was made. */
export function estimateWords(
  { seconds, earliest, latest }: ReadyEstimate,
  ageSeconds: number,
): EstimateWords {
  const left = (span: number): number => Math.round(Math.max(0, span - Math.max(0, ageSeconds)));
  const middle = left(seconds);
  if (middle === 0) {
    const longest = latest === undefined ? undefined : left(latest);
    if (longest === 0) return { middle: 'a moment' };
    const range = longest === undefined ? 'or longer' : `or up to ${formatSpan(longest)}`;
    return { middle: 'a moment', range, wholeRange: range };
  }
  const [unit, size] = spanUnits.find(([, span]) => middle >= span * leastCount) ?? ['s', 1];
  const count = (span: number): number => Math.round(left(span) / size);
  const about = `about ${Math.round(middle / size)} ${unit}`;
  const least = count(earliest);
  if (latest === undefined)
    return { middle: about, range: `${least} or more`, wholeRange: `${least} ${unit} or more` };
  const range = `${least} to ${count(latest)}`;
  return least === count(latest)
    ? { middle: about }
    : { middle: about, range, wholeRange: `${range} ${unit}` };
}
