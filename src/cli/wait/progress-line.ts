import stringWidth from 'string-width';
import { formatSpan } from '../../events/format.ts';
import { trendWords } from '../../watch/migration/wording.ts';
import { cutToWidth } from '../text-width.ts';
import { describeEstimate } from './estimate.ts';
import { type Goal, verdictOn, type Waited } from './waited.ts';

export interface WaitLineOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly elapsedMs: number;
  /** Undefined if the wait has no timeout. */
  readonly leftMs?: number | undefined;
  readonly columns: number;
  /** Redacts secrets. */
  readonly clean: (text: string) => string;
}

/** In less room than this, the migration takes the room of the times. */
const leastHead = 20;

/**
 * Returns the progress of the wait in one line of at most `columns`: every migration if they fit, else how many are
 * done and the one that takes longest. The times at its end are cut last.
 */
export function waitLine(
  goal: Goal,
  all: readonly Waited[],
  { now, elapsedMs, leftMs, columns, clean }: WaitLineOptions,
): string {
  const left = leftMs === undefined ? '' : `, ${formatSpan(leftMs / 1000)} left`;
  const tail = ` [${formatSpan(elapsedMs / 1000)}${left}]`;
  const room = columns - stringWidth(tail);
  const heads = (all.length === 1 ? [] : [all.map((waited) => brief(goal, waited)).join('; ')]).map(clean);
  const head = heads.find((text) => stringWidth(text) <= room) ?? clean(summary(goal, all, now));
  return room < leastHead ? cutToWidth(head + tail, columns) : cutToWidth(head, room) + tail;
}

/** Returns the migration that takes longest: one that cannot be read, else the one that is furthest behind. */
function mostRelevant(goal: Goal, all: readonly Waited[]): Waited | undefined {
  return all
    .filter((waited) => verdictOn(goal, waited) !== 'reached')
    .map((waited) => ({ waited, distance: distanceOf(waited) }))
    .reduce<{ waited: Waited | undefined; distance: number }>(
      (furthest, one) => (one.distance > furthest.distance ? one : furthest),
      { waited: undefined, distance: Number.NEGATIVE_INFINITY },
    ).waited;
}

const failing = 3e15;
const unknown = 2e15;
const farAway = 1e15;

function distanceOf({ state, trend, error }: Waited): number {
  if (error !== undefined) return failing;
  const lag = state?.observation?.lagTimeSeconds;
  if (state?.readiness !== undefined) return 0;
  if (lag === undefined) return unknown;
  return trend !== undefined && trend.perMinute < 0 ? lag / -trend.perMinute : farAway + lag;
}

function summary(goal: Goal, all: readonly Waited[], now: number): string {
  const relevant = mostRelevant(goal, all) ?? all[0];
  const about = relevant === undefined ? '' : detail(goal, relevant, now);
  if (all.length === 1) return about;
  const there = all.filter((waited) => verdictOn(goal, waited) === 'reached').length;
  const unreadable = all.filter(({ error }) => error !== undefined).length;
  return `${there} of ${all.length} ${goal}${unreadable === 0 ? '' : `, ${unreadable} can't be read`}; ${about}`;
}

function brief(goal: Goal, waited: Waited): string {
  const { target, state, error } = waited;
  const lag = state?.observation?.lagTimeSeconds;
  return `${target.name}: ${
    error === undefined
      ? `${word(goal, waited)}${verdictOn(goal, waited) === 'reached' || lag === undefined ? '' : `, ${formatSpan(lag)} behind`}`
      : "can't be read"
  }`;
}

function word(goal: Goal, { state }: Waited): string {
  if (state === undefined) return 'not read yet';
  if (goal === 'ready' && state.settlement === undefined && state.readiness !== undefined) return 'ready';
  return state.known.status ?? 'no status yet';
}

function detail(goal: Goal, waited: Waited, now: number): string {
  const { target, state, trend, error } = waited;
  const { lagTimeSeconds } = state?.observation ?? {};
  const readyIn = describeEstimate(waited, now);
  const readiness = goal === 'complete' && state?.readiness !== undefined ? ['ready for cutover'] : [];
  const known = [
    word(goal, waited),
    ...readiness,
    ...(lagTimeSeconds === undefined ? [] : [`${formatSpan(lagTimeSeconds)} behind`]),
    ...(trend === undefined ? [] : [trendWords(trend.perMinute)]),
    ...(readyIn === undefined ? [] : [`ready in ${readyIn}`]),
  ].join(', ');
  if (error === undefined) return `${target.name}: ${known}`;
  const since = Math.max(0, now - (state?.outage?.since ?? now)) / 1000;
  return `${target.name}: unreadable for ${formatSpan(since)} (${error.detail})`;
}
