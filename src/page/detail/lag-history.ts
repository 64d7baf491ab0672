import type { EventRecord } from '../../events/event-record.ts';
import type { Sample } from './samples.ts';

/** Points of the plot: times in seconds since 1970, and lags in seconds. Null interrupts the line. */
export type Columns = [times: number[], lags: (number | null)[]];

/** A labeled line on the plot, for an event. */
export interface PlotLabel {
  /** Seconds since 1970. */
  readonly at: number;
  readonly kind: 'ready' | 'good' | 'bad' | 'change' | 'now';
  readonly text: string;
}

/** A pause between samples of this many median steps is a gap: the lag in it is not known. */
const gapSteps = 10;
const shortestGapSeconds = 120;

/** Returns the samples, oldest first, as points of the plot, with a null in each gap. */
export function columnsOf(samples: readonly Sample[]): Columns {
  const times: number[] = [];
  const lags: (number | null)[] = [];
  const moments = samples.map(({ observedAt }) => Date.parse(observedAt) / 1000);
  const steps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
  const median = steps.toSorted((one, other) => one - other)[steps.length >> 1] ?? 0;
  const gap = Math.max(shortestGapSeconds, median * gapSteps);
  for (const [index, { lagTimeSeconds }] of samples.entries()) {
    const moment = moments[index] ?? 0;
    const before = times.at(-1);
    if (before !== undefined && moment - before > gap) {
      times.push(before + median);
      lags.push(null);
    }
    times.push(moment);
    lags.push(lagTimeSeconds);
  }
  return [times, lags];
}

const labelOfEvent: Readonly<
  Record<string, readonly [kind: PlotLabel['kind'], text: (event: EventRecord) => string]>
> = {
  'migration.ready_for_cutover': ['ready', () => 'ready'],
  'migration.readiness_withdrawn': ['bad', () => 'withdrawn'],
  'migration.status_changed': ['change', ({ to }) => String(to)],
  'migration.cutover_started': ['change', () => 'cutover'],
  'migration.disappeared': ['bad', () => 'no longer in Atlas'],
};
const endings: Readonly<Record<string, PlotLabel['kind']>> = {
  COMPLETE: 'good',
  FAILED: 'bad',
  EXPIRED: 'bad',
};

/**
 * Returns the labels for those events of a migration that the plot shows. What lasts, such as a stall, is drawn as a
 * span and has none.
 */
export function plotLabelsOf(events: readonly EventRecord[]): PlotLabel[] {
  return events.flatMap((event) => {
    const [kind, text] = labelOfEvent[event.event] ?? [];
    if (kind === undefined || text === undefined) return [];
    return [
      { at: Date.parse(event.time) / 1000, kind: endings[String(event.to)] ?? kind, text: text(event) },
    ];
  });
}

/** Returns the index of the sample nearest to a moment (s since 1970); undefined where there is none. */
export function nearestSample([times, lags]: Columns, at: number): number | undefined {
  let nearest: number | undefined;
  for (const [index, time] of times.entries()) {
    if (lags[index] === null) continue;
    if (nearest === undefined || Math.abs(time - at) < Math.abs((times[nearest] ?? 0) - at)) nearest = index;
    else if (time > at) break;
  }
  return nearest;
}

/** Returns the index of the sample so many samples further; the first or the last one where there are not as many. */
export function sampleAfter([times, lags]: Columns, index: number, steps: number): number {
  const samples = times
    .keys()
    .filter((each) => lags[each] !== null)
    .toArray();
  const next = samples.indexOf(index) + steps;
  return samples[Math.min(samples.length - 1, Math.max(0, next))] ?? index;
}
