import { formatMoment, formatSpan } from '../events/format.ts';
import type { LagSample } from '../state/store.ts';
import type { PhaseName } from './phases.ts';
import type { Outcome, UnseenTime } from './report-model.ts';

export const phaseWords: Readonly<Record<PhaseName, string>> = {
  waiting: 'Waiting',
  initial_copy: 'Initial copy',
  catching_up: 'Catching up',
  copying: 'Copying',
  ready: 'Ready',
  cutover: 'Cutover',
};

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  complete: 'Complete',
  failed: 'Failed',
  expired: 'Expired',
  gone: 'Gone',
  ready: 'Ready for cutover',
  'under way': 'Under way',
  'never seen': 'Never seen',
};

/** What a reader must know of the times and the window of a report. */
export const caveats =
  'Times are UTC and those of observations: what happened shows with the next poll. The deadline is an estimate, as Atlas shows neither its timer nor an extension of it.';

/** Returns a moment to the minute (ms since 1970): `2026-11-28 23:00 UTC`. */
export function moment(ms: number): string {
  return formatMoment(new Date(ms).toISOString());
}

/** Returns a moment to the second: `2026-11-28 23:00:05`. The reader is told elsewhere that it is UTC. */
export function preciseMoment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Returns two moments (ms since 1970), with seconds where they would look the same without. */
export function fromTo(from: number, to: number): string {
  if (moment(from) !== moment(to)) return `from ${moment(from)} to ${moment(to)}`;
  return `from ${preciseMoment(from)} to ${preciseMoment(to)} UTC`;
}

/** Returns the length of time between two moments (ms since 1970) for people. */
export function span(from: number, to: number): string {
  return formatSpan(Math.max(0, to - from) / 1000);
}

/** Returns how long a migration could not be seen, all in all, in seconds. `now` in ms since 1970. */
export function unseenSeconds(unseen: readonly UnseenTime[], now: number): number {
  return unseen.reduce((sum, { from, to = now }) => sum + Math.max(0, to - from) / 1000, 0);
}

/** Returns what the lag was, in one line. */
export function lagText(samples: readonly LagSample[]): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return 'Atlas told no lag.';
  const highest = samples.reduce((one, other) => (other.lagTimeSeconds > one.lagTimeSeconds ? other : one));
  return `Told first: ${sampleText(first)}. Highest: ${sampleText(highest)}. Told last: ${sampleText(last)}.`;
}

function sampleText({ lagTimeSeconds, observedAt }: LagSample): string {
  return `${formatSpan(lagTimeSeconds)} on ${moment(observedAt)}`;
}
