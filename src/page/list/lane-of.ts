import type { MigrationView } from '../../server/migration-view.ts';
import type { TimelineView } from '../../server/timeline-api.ts';
import type { Lane, Span } from '../../watch/migration/lane.ts';
import { isCurrent } from '../../watch/migration/urgency.ts';
import { laneWords, statedWord } from '../../watch/words.ts';
import { factsOf } from '../status.ts';
import { localText } from '../times.ts';
import type { Axis } from './axis.ts';

/** The moments of a migration that lie ahead, in ms since 1970. */
export interface Ahead {
  readonly deadline?: number;
  /** Who stated the deadline; absent where it is an estimate. */
  readonly stated?: string;
  /** An estimate that follows from old data is left out, and that of a lag that does not fall. */
  readonly readyBetween?: readonly [earliest: number, latest: number];
  readonly plannedAt?: number;
}

/** Returns what lies ahead of a migration. `now` in ms since 1970. */
export function aheadOf(view: MigrationView, now: number): Ahead {
  const { deadline, plannedAt, observedAt, readyInSecondsRange, settlement } = view;
  if (settlement !== undefined) return {};
  const planned = plannedAt === undefined ? {} : { plannedAt: Date.parse(plannedAt) };
  const stated = statedWord(view);
  if (deadline !== undefined)
    return { ...planned, deadline: Date.parse(deadline), ...(stated !== undefined && { stated }) };
  const [earliest, latest] = readyInSecondsRange ?? [];
  const isKnown = earliest !== undefined && latest !== undefined && observedAt !== undefined;
  if (!isKnown || view.stalledForSeconds !== undefined || !isCurrent(factsOf(view), now)) return planned;
  const at = (seconds: number): number => Date.parse(observedAt) + seconds * 1000;
  return { ...planned, readyBetween: [at(earliest), at(latest)] };
}

/**
 * Returns the spans in ms. Those that lasted until the timeline was asked for go on until a moment (ms since 1970): now,
 * or the last one of which something is known.
 */
export function spansUntil(
  until: number,
  timeline: TimelineView,
  spans: readonly Span[] = [],
): readonly Span[] {
  return spans.map(([name, from, to]): Span => [name, from * 1000, to === timeline.to ? until : to * 1000]);
}

/** Returns the lane of a migration on an axis. */
export function laneOf({ from, to, now, toAxis }: Axis, spans: readonly Span[], ahead: Ahead): Lane {
  const { deadline, readyBetween, plannedAt } = ahead;
  return {
    from,
    to,
    now,
    spans,
    ...(deadline !== undefined && { deadline: toAxis(deadline) }),
    ...(readyBetween !== undefined && { readyBetween: [toAxis(readyBetween[0]), toAxis(readyBetween[1])] }),
    ...(plannedAt !== undefined && { plannedAt: toAxis(plannedAt) }),
  };
}

/** So many phases are read out. */
const readSpans = 6;

/** Returns what a lane shows, in words: `Catching up from 14:02, stalled 15:10 to 15:40`. `now` in ms since 1970. */
export function laneText(
  spans: readonly Span[],
  { deadline, stated = 'estimate', readyBetween, plannedAt }: Ahead,
  now: number,
): string {
  const at = (moment: number): string => localText(moment, now);
  const past = spans
    .toSorted(([, one], [, other]) => one - other)
    .slice(-readSpans)
    .map(([name, from, to]) => `${laneWords[name]} ${at(from)} to ${to >= now ? 'now' : at(to)}`);
  const ahead = [
    deadline !== undefined && `${laneWords.window_end} (${stated}): ${at(deadline)}`,
    readyBetween !== undefined && `${laneWords.estimate}: ${at(readyBetween[0])} to ${at(readyBetween[1])}`,
    plannedAt !== undefined && `${laneWords.planned}: ${at(plannedAt)}`,
  ];
  const parts = [...past, ...ahead.filter((part) => part !== false)];
  return parts.length === 0 ? 'Nothing is recorded' : parts.join('; ');
}
