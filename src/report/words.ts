import { formatMoment, formatSpan } from '../events/format.ts';
import type { LagSample } from '../state/store.ts';
import { standingWord, standingWords } from '../watch/words.ts';
import type { Gap, MigrationReport, Outcome } from './report-model.ts';

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  complete: standingWords.done.word,
  failed: standingWords.failed.word,
  expired: standingWord('failed', 'EXPIRED'),
  gone: standingWord('failed', 'DISAPPEARED'),
  ready: 'Ready for cutover',
  'under way': 'Under way',
  'never seen': 'Not read yet',
};

/** What a reader must know about the times and the window. */
export const caveats =
  'Times are in UTC and say when the watcher noticed: up to one poll late. The end of the window is an estimate unless somebody stated it, because Atlas reports neither its timer nor an extension.';

/** Returns the heading of the report of one migration. */
export function headingOf({ name, outcome }: Pick<MigrationReport, 'name' | 'outcome'>): string {
  const word = outcomeWords[outcome];
  return `${name}: ${word.charAt(0).toLowerCase()}${word.slice(1)}`;
}

/** Returns a moment to the minute (ms since 1970): `2026-11-28 23:00 UTC`. */
export function moment(ms: number): string {
  return formatMoment(new Date(ms).toISOString());
}

/** Returns a moment to the second: `2026-11-28 23:00:05`. The heading must say UTC. */
export function preciseMoment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Returns two moments (ms since 1970), with seconds where both are in the same minute. */
export function fromTo(from: number, to: number): string {
  if (moment(from) !== moment(to)) return `from ${moment(from)} to ${moment(to)}`;
  return `from ${preciseMoment(from)} to ${preciseMoment(to)} UTC`;
}

/** Returns the time between two moments (ms since 1970) in words: `2 d 9 h`. */
export function duration(from: number, to: number): string {
  return formatSpan(Math.max(0, to - from) / 1000);
}

/** Returns the total length of the gaps, in seconds. `now` in ms since 1970. */
export function gapSeconds(gaps: readonly Gap[], now: number): number {
  return gaps.reduce((sum, { from, to = now }) => sum + Math.max(0, to - from) / 1000, 0);
}

/** Returns a summary of the lag, in one line. */
export function lagText(samples: readonly LagSample[]): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return 'Atlas reported no lag.';
  const highest = samples.reduce((one, other) => (other.lagTimeSeconds > one.lagTimeSeconds ? other : one));
  return `First: ${sampleText(first)}. Peak: ${sampleText(highest)}. Last: ${sampleText(last)}.`;
}

function sampleText({ lagTimeSeconds, observedAt }: LagSample): string {
  return `${formatSpan(lagTimeSeconds)} on ${moment(observedAt)}`;
}
