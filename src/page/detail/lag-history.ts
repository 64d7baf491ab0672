import type { EventRecord } from '../../events/event-record.ts';
import type { Sample } from '../data/migration-row.ts';

/** Points of the plot: times in seconds since 1970, and lags in seconds. Null interrupts the line. */
export type Columns = [times: number[], lags: (number | null)[]];

/** A labeled line on the plot, for an event. */
export interface PlotLabel {
  /** Seconds since 1970. */
  readonly at: number;
  readonly kind: 'ready' | 'good' | 'bad' | 'change';
  readonly text: string;
}

/** A time in which the migration was ready, in seconds since 1970; without an end while it is ready. */
export interface ReadyTime {
  readonly from: number;
  readonly to?: number;
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
  'migration.lag_stalled': ['bad', () => 'stalled'],
  'migration.disappeared': ['bad', () => 'gone'],
  'watcher.unreachable': ['bad', () => "can't be read"],
  'watcher.recovered': ['good', () => 'read again'],
};
const endings: Readonly<Record<string, PlotLabel['kind']>> = {
  COMPLETE: 'good',
  FAILED: 'bad',
  EXPIRED: 'bad',
};

/** Returns the labels for those events of a migration that the plot shows. */
export function plotLabelsOf(events: readonly EventRecord[]): PlotLabel[] {
  return events.flatMap((event) => {
    const [kind, text] = labelOfEvent[event.event] ?? [];
    if (kind === undefined || text === undefined) return [];
    return [
      { at: Date.parse(event.time) / 1000, kind: endings[String(event.to)] ?? kind, text: text(event) },
    ];
  });
}

const endsReadiness: ReadonlySet<string> = new Set([
  'migration.readiness_withdrawn',
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
]);

/** Returns the times in which a migration was ready; `events` are oldest first. */
export function readyTimesOf(events: readonly EventRecord[]): ReadyTime[] {
  const times: ReadyTime[] = [];
  for (const { event, time } of events) {
    const at = Date.parse(time) / 1000;
    const last = times.at(-1);
    const isOpen = last !== undefined && last.to === undefined;
    if (event === 'migration.ready_for_cutover' && !isOpen) times.push({ from: at });
    else if (endsReadiness.has(event) && isOpen) times[times.length - 1] = { from: last.from, to: at };
  }
  return times;
}
