import type { EventRecord } from '../events/event-record.ts';
import type { Sample } from './migration-row.ts';

/** Points of the plot: times in seconds since 1970, and lags in seconds. Null parts the line. */
export type Columns = [times: number[], lags: (number | null)[]];

/** Something that happened, to be marked on the plot. */
export interface Mark {
  /** Seconds since 1970. */
  readonly at: number;
  readonly kind: 'ready' | 'good' | 'bad' | 'change';
  readonly word: string;
}

/** A time in which it was ready, in seconds since 1970; one that lasts has no end. */
export interface ReadyTime {
  readonly from: number;
  readonly to?: number;
}

/** A pause of this many usual steps between samples is a gap: nobody knows how the lag was meanwhile. */
const gapSteps = 10;
const shortestGapSeconds = 120;

/** Returns the samples, oldest first, as the plot takes them, parted where there was none for long. */
export function columnsOf(samples: readonly Sample[]): Columns {
  const times: number[] = [];
  const lags: (number | null)[] = [];
  const moments = samples.map(({ observedAt }) => Date.parse(observedAt) / 1000);
  const steps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
  const usual = steps.toSorted((one, other) => one - other)[steps.length >> 1] ?? 0;
  const gap = Math.max(shortestGapSeconds, usual * gapSteps);
  for (const [index, { lagTimeSeconds }] of samples.entries()) {
    const moment = moments[index] ?? 0;
    const before = times.at(-1);
    if (before !== undefined && moment - before > gap) {
      times.push(before + usual);
      lags.push(null);
    }
    times.push(moment);
    lags.push(lagTimeSeconds);
  }
  return [times, lags];
}

const marked: Readonly<Record<string, readonly [kind: Mark['kind'], word: (event: EventRecord) => string]>> =
  {
    'migration.ready_for_cutover': ['ready', () => 'ready'],
    'migration.readiness_withdrawn': ['bad', () => 'withdrawn'],
    'migration.status_changed': ['change', ({ to }) => String(to)],
    'migration.lag_stalled': ['bad', () => 'stalled'],
    'migration.disappeared': ['bad', () => 'gone'],
    'watcher.unreachable': ['bad', () => 'unreachable'],
    'watcher.recovered': ['good', () => 'read again'],
  };
const endings: Readonly<Record<string, Mark['kind']>> = { COMPLETE: 'good', FAILED: 'bad', EXPIRED: 'bad' };

/** Returns what of the events of a migration, oldest first, is to be marked. */
export function marksOf(events: readonly EventRecord[]): Mark[] {
  return events.flatMap((event) => {
    const [kind, word] = marked[event.event] ?? [];
    if (kind === undefined || word === undefined) return [];
    return [
      { at: Date.parse(event.time) / 1000, kind: endings[String(event.to)] ?? kind, word: word(event) },
    ];
  });
}

const endOfReadiness: ReadonlySet<string> = new Set([
  'migration.readiness_withdrawn',
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
]);

/** Returns the times in which a migration was ready, from its events, oldest first. */
export function readyTimesOf(events: readonly EventRecord[]): ReadyTime[] {
  const times: ReadyTime[] = [];
  for (const { event, time } of events) {
    const at = Date.parse(time) / 1000;
    const last = times.at(-1);
    const isOpen = last !== undefined && last.to === undefined;
    if (event === 'migration.ready_for_cutover' && !isOpen) times.push({ from: at });
    else if (endOfReadiness.has(event) && isOpen) times[times.length - 1] = { from: last.from, to: at };
  }
  return times;
}
