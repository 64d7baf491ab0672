import stringWidth from 'string-width';
import { endWord } from '../../events/end-words.ts';
import { formatSpan } from '../../events/format.ts';
import { stalledSeconds } from '../../watch/migration/lag-stall.ts';
import { mayEndEarlier, remainingSeconds } from '../../watch/migration/readiness-window.ts';
import type { Target } from '../../watch/migration/target.ts';
import type { WatchPolicy } from '../../watch/policy.ts';
import { faultWord } from '../../watch/words.ts';
import { cutToWidth } from '../text-width.ts';
import { readyIn } from './estimate.ts';
import { isWithin } from './lag-limit.ts';
import { type Goal, verdictOn, type Waited } from './waited.ts';

export interface WaitLineOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly elapsedMs: number;
  /** Undefined if the wait has no timeout. */
  readonly leftMs?: number | undefined;
  /** Has the length of the window of a migration. */
  readonly policyOf: (target: Target) => Pick<WatchPolicy, 'windowMs'>;
  readonly columns: number;
  /** Redacts secrets. */
  readonly clean: (text: string) => string;
}

/** Stands between two parts of the line. */
const gap = '  ';

/**
 * Returns the progress of the wait in one line of at most `columns`: of several migrations how many are there, and the
 * one that takes longest; its name, what is waited for, its lag and the time. Parts fall away from the right, then the
 * name is cut.
 */
export function waitLine(goal: Goal, all: readonly Waited[], options: WaitLineOptions): string {
  const { elapsedMs, leftMs, columns, clean } = options;
  const relevant = mostRelevant(goal, all) ?? all[0];
  if (relevant === undefined) return '';
  const name = clean(relevant.target.name);
  const answer = clean(answerOf(goal, relevant, options));
  const waited = `waited ${formatSpan(elapsedMs / 1000)}`;
  const times = leftMs === undefined ? waited : `${waited}, timeout in ${formatSpan(leftMs / 1000)}`;
  const lag = lagOf(relevant);
  const [count, countInFull] = countsOf(goal, all);
  const lines = [
    [...countInFull, name, answer, ...lag, times],
    [...countInFull, name, answer, ...lag, waited],
    [...countInFull, name, answer, ...lag],
    [...countInFull, name, answer],
    [...count, name, answer],
  ].map((parts) => parts.join(gap));
  const fitting = lines.find((line) => stringWidth(line) <= columns);
  if (fitting !== undefined) return fitting;
  const room = columns - stringWidth([...count, '', answer].join(gap));
  return cutToWidth([...count, cutToWidth(name, Math.max(1, room)), answer].join(gap), columns);
}

/** Returns the migration that takes longest: one that can't be read, else the one that is furthest behind. */
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

/** Returns the word for those that are there. */
export function goalWord(goal: Goal): string {
  return goal === 'settled' ? 'ended' : goal;
}

/** Returns how many of several are there, in short, and with how many can't be read. */
function countsOf(goal: Goal, all: readonly Waited[]): readonly [string[], string[]] {
  if (all.length === 1) return [[], []];
  const there = all.filter((waited) => verdictOn(goal, waited) === 'reached').length;
  const unread = all.filter(({ error }) => error !== undefined).length;
  const count = `${there} of ${all.length} ${goalWord(goal)}`;
  return [[count], [unread === 0 ? count : `${count}, ${unread} can't be read`]];
}

function lagOf(waited: Waited): string[] {
  const { state, error } = waited;
  const lag = error === undefined ? state?.observation?.lagTimeSeconds : undefined;
  return lag === undefined ? [] : [`lag ${formatSpan(lag)}${arrowOf(waited)}`];
}

/** Which way the lag goes, from this many seconds per minute on. */
const leastTrend = 0.05;

function arrowOf({ trend }: Waited): string {
  if (trend === undefined) return '';
  return Math.abs(trend.perMinute) < leastTrend ? ' →' : trend.perMinute < 0 ? ' ↓' : ' ↑';
}

/** What is waited for comes first: the time to readiness, or what is left of the window. */
function answerOf(goal: Goal, waited: Waited, { now, policyOf }: WaitLineOptions): string {
  const { state, error, lagLimit } = waited;
  if (error !== undefined) {
    const since = Math.max(0, now - (state?.outage?.since ?? now)) / 1000;
    return `can't be read for ${formatSpan(since)} (${faultWord(error.kind, error.httpStatus)})`;
  }
  if (state === undefined) return 'not read yet';
  const { settlement, readiness, known } = state;
  if (settlement !== undefined) return endWord(settlement) ?? settlement;
  if (readiness !== undefined) {
    const left = remainingSeconds(readiness, now, policyOf(waited.target));
    if (lagLimit !== undefined && !isWithin(lagLimit))
      return `ready, waits for a lag of ${formatSpan(lagLimit.seconds)}`;
    if (goal === 'ready') return 'ready';
    if (left < 0) return `ready, overdue by ${formatSpan(-left)}`;
    return `ready, ${mayEndEarlier(readiness) ? 'at most ' : ''}${formatSpan(left)} of the window left`;
  }
  const stalledFor = stalledSeconds(state);
  if (stalledFor !== undefined) return `stalled for ${formatSpan(stalledFor)}`;
  return readyIn(waited, now) ?? `${known.status ?? 'no status yet'}, no estimate yet`;
}
