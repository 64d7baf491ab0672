import { endWord } from '../../events/end-words.ts';
import { formatSpan } from '../../events/format.ts';
import type { Settlement } from '../../state/migration-state.ts';
import { stalledSeconds } from '../../watch/migration/lag-stall.ts';
import {
  deadlineOf,
  deadlineSourceOf,
  mayEndEarlier,
  remainingSeconds,
} from '../../watch/migration/readiness-window.ts';
import type { Target } from '../../watch/migration/target.ts';
import type { WatchPolicy } from '../../watch/policy.ts';
import { statedWord } from '../../watch/words.ts';
import { faultSentences, listNames } from '../fault-sentences.ts';
import type { LocalTimes } from '../local-times.ts';
import { describeEstimate } from './estimate.ts';
import { isWithin } from './lag-limit.ts';
import { goalWord } from './progress-line.ts';
import { type Goal, verdictOn, type Waited } from './waited.ts';

/** Why a wait ended. */
export type WaitReason =
  /** All have reached the goal, or one never will. */
  | { readonly kind: 'decided' }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  | { readonly kind: 'interrupted' }
  /** With sentences on the credentials. */
  | { readonly kind: 'refused'; readonly sentence: string };

interface EndContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Has the length of the window of a migration. */
  readonly policyOf: (target: Target) => Pick<WatchPolicy, 'windowMs'>;
  readonly times: LocalTimes;
}

/** More migrations than this that are not there yet are counted, not listed. */
const maxListed = 3;

/**
 * Returns what a wait has come to, a line each: why it ended, then what to know about those that ended otherwise, that
 * are ready, and that could not be read, and the others in sum.
 */
export function endLines(
  reason: WaitReason,
  goal: Goal,
  all: readonly Waited[],
  context: EndContext,
): string[] {
  const missed = all.filter((waited) => verdictOn(goal, waited) === 'missed');
  const ended = all.filter(({ state }) => state?.settlement !== undefined);
  const open = all.filter(({ state }) => state?.settlement === undefined);
  const ready = open.filter(({ state }) => state?.readiness !== undefined);
  const unread = open.filter(({ error }) => error !== undefined);
  const others = open.filter(({ state, error }) => state?.readiness === undefined && error === undefined);
  return [
    ...reasonLines(reason, goal, all, missed),
    ...adviceOn(goal === 'settled' ? ended : missed, goal),
    ...ready.map((waited) => readyLine(goal, waited, context)),
    ...faultSentences(unread.flatMap(faultOf), all.length),
    ...otherLines(others, context),
  ];
}

function reasonLines(
  reason: WaitReason,
  goal: Goal,
  all: readonly Waited[],
  missed: readonly Waited[],
): string[] {
  const there = all.filter((waited) => verdictOn(goal, waited) === 'reached').length;
  const limit = all[0]?.lagLimit;
  const within = limit === undefined ? '' : ` and at most ${formatSpan(limit.seconds)} behind`;
  const count = `${there} of ${all.length} ${goalWord(goal)}${within}`;
  switch (reason.kind) {
    case 'timeout':
      return [`Timed out after ${formatSpan(reason.afterMs / 1000)}: ${count}.`];
    case 'interrupted':
      return [`Interrupted: ${count}.`];
    case 'refused':
      return ['Stopped waiting: Atlas refuses the credentials.', reason.sentence];
    case 'decided': {
      if (missed.length > 0) return [`Stopped waiting: ${endText(missed, 'already complete')}.`];
      if (goal === 'settled') return [`${endText(all, 'complete')}.`];
      if (goal === 'complete') return [allText(all, 'complete')];
      // The line of a single one says it.
      return all.length === 1 ? [] : [allText(all, 'ready for cutover')];
    }
  }
}

function allText(all: readonly Waited[], word: string): string {
  return all.length === 1
    ? `${all[0]?.target.name} is ${word}.`
    : `All ${all.length} migrations are ${word}.`;
}

/** Returns how each has ended; `complete` says it of those that are. */
function endText(ended: readonly Waited[], complete: string): string {
  return [...bySettlement(ended)]
    .map(([settlement, alike]) => {
      const isVerb = settlement === 'FAILED' || settlement === 'EXPIRED';
      const linking = isVerb ? '' : alike.length === 1 ? 'is ' : 'are ';
      return `${namesOf(alike)} ${linking}${settlement === 'COMPLETE' ? complete : endWord(settlement)}`;
    })
    .join('; ');
}

const advice: Readonly<Record<Settlement, string>> = {
  COMPLETE: 'There is nothing left to cut over.',
  FAILED: 'Atlas gives no reason for a failure here: see the Atlas console.',
  EXPIRED: 'Nobody cut over in time: an expired migration must be restarted from scratch.',
  DISAPPEARED: 'Atlas answers nothing but 404: a migration may have been canceled in the console.',
};

function adviceOn(missed: readonly Waited[], goal: Goal): string[] {
  return [...bySettlement(missed).keys()]
    .filter((settlement) => settlement !== 'COMPLETE' || goal === 'ready')
    .map((settlement) => advice[settlement]);
}

function bySettlement(ended: readonly Waited[]): Map<Settlement, Waited[]> {
  return Map.groupBy(ended, ({ state }) => state?.settlement ?? 'COMPLETE');
}

function namesOf(all: readonly Waited[]): string {
  return listNames(all.map(({ target }) => target.name));
}

function faultOf({ target, error }: Waited) {
  return error === undefined ? [] : [{ name: target.name, error }];
}

function readyLine(
  goal: Goal,
  { target, state, error, lagLimit }: Waited,
  { now, policyOf, times }: EndContext,
): string {
  if (state?.readiness === undefined) return '';
  const left = remainingSeconds(state.readiness, now, policyOf(target));
  const moment = times.momentOf(deadlineOf(state.readiness, policyOf(target)));
  const readAt = state.observation?.observedAt;
  const ago = readAt === undefined ? '' : `, ${formatSpan(Math.max(0, now - readAt) / 1000)} ago`;
  const standing = [
    error === undefined ? 'is ready for cutover' : `was ready for cutover when it was last read${ago}`,
    ...(goal === 'complete' && error === undefined ? ['not complete'] : []),
    ...(isWithin(lagLimit) ? [] : [behindText(state.observation?.lagTimeSeconds)]),
  ].join(', ');
  if (left < 0)
    return `${target.name} ${standing}, and overdue by ${formatSpan(-left)} (${moment}). Check in the Atlas console how long its window is.`;
  const { author: deadlineAuthor } = state.readiness.stated ?? {};
  const stated = statedWord({ deadlineSource: deadlineSourceOf(state.readiness), deadlineAuthor });
  const earlier = mayEndEarlier(state.readiness)
    ? ', or earlier if it was ready before it was first seen'
    : '';
  const hedge = stated === undefined ? earlier : `, ${stated}`;
  return `${target.name} ${standing}. Cut over within ${formatSpan(left)} (before ${moment}${hedge}).`;
}

function behindText(lag: number | undefined): string {
  return lag === undefined ? 'with an unknown lag' : `${formatSpan(lag)} behind`;
}

function otherLines(others: readonly Waited[], { now }: EndContext): string[] {
  const read = others.filter(({ state }) => state?.observation !== undefined);
  const waiting = others.length - read.length;
  const notRead = waiting === 0 ? [] : [`${waiting === 1 ? '1 has' : `${waiting} have`} not been read yet.`];
  if (others.length <= maxListed) return others.map((waited) => notReadyLine(waited, now));
  const statuses = Map.groupBy(read, ({ state }) => state?.known.status ?? 'no status');
  const counts = [...statuses].map(([status, alike]) => `${alike.length} ${status}`).join(', ');
  return [...(read.length === 0 ? [] : [`${read.length} are not ready yet: ${counts}.`]), ...notRead];
}

function notReadyLine(waited: Waited, now: number): string {
  const { target, state } = waited;
  if (state?.observation === undefined) return `${target.name} has not been read yet.`;
  const lag = state.observation.lagTimeSeconds;
  const stalledFor = stalledSeconds(state);
  const estimate = describeEstimate(waited, now);
  const facts = [
    state.known.status ?? 'no status yet',
    ...(lag === undefined ? [] : [`${formatSpan(lag)} behind`]),
    ...(stalledFor === undefined ? [] : [`stalled for ${formatSpan(stalledFor)}`]),
    ...(estimate === undefined ? [] : [`ready in ${estimate}`]),
  ];
  return `${target.name} is not ready for cutover: ${facts.join(', ')}.`;
}
