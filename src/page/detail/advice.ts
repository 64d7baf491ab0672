import { estimateWords } from '../../events/estimate-words.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { formatSpan } from '../../events/format.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import { isCurrent } from '../../watch/migration/urgency.ts';
import { trendWords } from '../../watch/migration/wording.ts';
import { faultWord, standingWord, standingWords, statedWord } from '../../watch/words.ts';
import { factsOf, statusOf } from '../status.ts';
import { ago, countdown } from '../times.ts';
import { command } from './stated.ts';

/** What to do about a migration, in the order of reading. */
export interface Advice {
  /** A few words in the largest type: the number that matters, where there is one. */
  readonly main: string;
  /** What is so and what to do, in one or two sentences. */
  readonly text: string;
  /** How to do it, step by step. */
  readonly steps: readonly string[];
  /** Why a number is an estimate, or what qualifies it. */
  readonly why?: string;
  /** How near the end of the window is. */
  readonly pressing?: 'soon' | 'now';
  /** Whether it is done in Atlas. */
  readonly inAtlas?: true;
}

/** What advice follows from. `now` in ms since 1970, by the watcher's clock. */
interface Situation {
  readonly view: MigrationView;
  readonly now: number;
  /** Returns a moment (ISO 8601) for the reader. */
  readonly when: (isoTime: string) => string;
  /** The event of the present stall, which has the evidence. */
  readonly stall?: EventRecord | undefined;
}

const soonSeconds = 24 * 3_600;
const nowSeconds = 6 * 3_600;

const cutoverSteps: readonly string[] = [
  'Stop all writes to the source.',
  'Wait until the lag is 0 s.',
  'Cut over in Atlas.',
  'Point the applications at the new cluster.',
];

/** Returns what to do about a migration. */
export function adviceOf(situation: Situation): Advice {
  const { view, now } = situation;
  const at = view.settledAt ?? view.observedAt;
  switch (statusOf(view, now)) {
    case 'overdue':
      return overdue(situation);
    case 'ready':
      return ready(situation);
    case 'failed':
      return failed(situation);
    case 'unreachable':
      return unreadable(situation);
    case 'unknown':
      return view.outage === undefined ? notRead(view) : unreadable(situation);
    case 'stalled':
      return stalled(situation);
    case 'approaching':
    case 'copying':
      return copying(situation);
    case 'waiting':
      return {
        main: standingWords.waiting.word,
        text: `Atlas status ${view.status ?? 'unknown'}: the copy has not begun. Nothing to do.`,
        steps: [],
      };
    case 'done':
      return {
        main: 'Done',
        text: `Cut over${at === undefined ? '' : `, seen ${situation.when(at)}`}. Nothing to do.`,
        steps: [],
      };
  }
}

function ready({ view, now, when }: Situation): Advice {
  const { deadline, readySince } = view;
  if (deadline === undefined)
    return { main: 'Ready for cutover', text: 'Cut over now.', steps: cutoverSteps, inAtlas: true };
  const left = Math.ceil((Date.parse(deadline) - now) / 1000);
  const span = countdown(left);
  return {
    main: `${span} left`,
    text: `Ready for cutover. Cut over before ${when(deadline)}${endHedge(view)}.${lastRead(view, now)}`,
    steps: cutoverSteps,
    ...(isEstimated(view) && { why: whyEstimated(readySince, deadline, view, when) }),
    ...(left <= nowSeconds ? { pressing: 'now' } : left <= soonSeconds && { pressing: 'soon' }),
    inAtlas: true,
  };
}

function overdue({ view, now, when }: Situation): Advice {
  const { deadline = '', readySince } = view;
  const late = (now - Date.parse(deadline)) / 1000;
  const standing = isCurrent(factsOf(view), now)
    ? 'Atlas still reports it as ready.'
    : lastRead(view, now).trim();
  return {
    main: `Overdue by ${formatSpan(late < 60 ? late : Math.floor(late / 60) * 60)}`,
    text: `The window ended ${when(deadline)}${isEstimated(view) ? ' (estimate)' : endHedge(view)}. ${standing}`,
    steps: [
      'Check in Atlas whether it can still be cut over: the window may have been extended.',
      'If so, cut over now: stop all writes to the source, wait until the lag is 0 s, cut over in Atlas, point the applications at the new cluster.',
      'If it has expired, restart it in Atlas.',
    ],
    ...(isEstimated(view) && { why: whyEstimated(readySince, deadline, view, when) }),
    pressing: 'now',
    inAtlas: true,
  };
}

/** Says who stated the end; nothing of an estimate, which is explained below it. */
function endHedge(view: MigrationView): string {
  const stated = statedWord(view);
  return stated === undefined ? '' : ` (${stated})`;
}

/** The end may also be stated by an operator or the configuration. */
function isEstimated({ deadlineEstimated }: MigrationView): boolean {
  return deadlineEstimated === true;
}

function whyEstimated(
  readySince: string | undefined,
  deadline: string,
  { migration, readySinceKnown }: MigrationView,
  when: Situation['when'],
): string {
  const window =
    readySince === undefined
      ? ''
      : `: ${formatHours((Date.parse(deadline) - Date.parse(readySince)) / 1000)} from ${when(readySince)}, when it was first seen ready`;
  const earlier =
    readySinceKnown === false
      ? ' It may have been ready before it was first seen, so less time may be left.'
      : '';
  return `The end is an estimate${window}. Atlas shows neither its timer nor an extension.${earlier} State an extension with ${command('extend', migration)} --by 48h.`;
}

/** The window is configured in hours. */
function formatHours(seconds: number): string {
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : formatSpan(seconds);
}

function failed({ view, when }: Situation): Advice {
  const main = standingWord('failed', view.settlement ?? view.status);
  const at = view.settledAt ?? view.observedAt;
  const seen = at === undefined ? '' : ` Seen ${when(at)}.`;
  switch (view.settlement ?? view.status) {
    case 'EXPIRED':
      return {
        main,
        text: `Not cut over in time: restart it in Atlas.${seen}`,
        steps: [],
        inAtlas: true,
      };
    case 'DISAPPEARED':
      return {
        main,
        text: `Atlas answers 404: it was probably canceled there. Remove it from the configuration, or check in Atlas.${seen}`,
        steps: [],
        inAtlas: true,
      };
    default:
      return {
        main,
        text: `Restart it in Atlas. See Atlas for the reason: the API gives none.${seen}`,
        steps: [],
        inAtlas: true,
      };
  }
}

function unreadable({ view, now, when }: Situation): Advice {
  const { outage, observedAt } = view;
  if (outage === undefined) return notRead(view);
  const { since, errorType, httpStatus, failures, detail, remedy } = outage;
  const fault = errorType === undefined ? '' : `: ${faultWord(errorType, httpStatus)}`;
  const polls =
    failures === 0
      ? ' It is not polled itself while others of its project or account fail.'
      : ` ${failures} ${failures === 1 ? 'poll' : 'polls'} failed.`;
  const known =
    observedAt === undefined
      ? ' It has never been read.'
      : ` Last read ${ago((now - Date.parse(observedAt)) / 1000)}.`;
  return {
    main: standingWords.unreachable.word,
    text: `Since ${when(since)}${fault}.${polls}${known}`,
    steps: [remedy ?? 'The log of the watcher says why, and what to do.'],
    ...(detail !== undefined && { why: detail }),
  };
}

function notRead({ intervalSeconds }: MigrationView): Advice {
  const due = intervalSeconds === undefined ? '' : ` within ${formatSpan(intervalSeconds)}`;
  return {
    main: 'Not read yet',
    text: `The first poll is due${due}. Nothing is known until then.`,
    steps: [],
  };
}

function stalled({ view, stall }: Situation): Advice {
  const { stalledForSeconds = 0, lagTimeSeconds } = view;
  const before = stall?.lagThenSeconds;
  const evidence = [
    ...(typeof before === 'number' ? [`${formatSpan(before)} then`] : []),
    ...(lagTimeSeconds === undefined ? [] : [`${formatSpan(lagTimeSeconds)} now`]),
  ].join(', ');
  return {
    main: `Stalled for ${formatSpan(stalledForSeconds)}`,
    text: `Its lag has not come down for that long${evidence === '' ? '' : ` (${evidence})`}.`,
    steps: [
      'Check the write load on the source: the copy must be faster than the writes.',
      'Check the migration host: processor, disk, network.',
    ],
  };
}

/** An estimate counts from the latest observation, and only while that is current. */
function copying({ view, now, when }: Situation): Advice {
  const { readyInSeconds: seconds, readyInSecondsRange: [earliest, latest] = [], observedAt } = view;
  const text = `${lagSentence(view)} Nothing to do until it is ready.`;
  if (view.lagTimeSeconds === undefined)
    return {
      main: standingWords.copying.word,
      text: 'Initial copy: Atlas reports no lag yet. Nothing to do.',
      steps: [],
    };
  if (observedAt === undefined || !isCurrent(factsOf(view), now)) {
    const expected =
      latest === undefined || observedAt === undefined
        ? ''
        : ` Then it was expected by ${when(new Date(Date.parse(observedAt) + latest * 1000).toISOString())}.`;
    return { main: 'No estimate now', text: `${lastRead(view, now).trim()}${expected}`, steps: [] };
  }
  if (seconds === undefined) return { main: 'Estimating…', text, steps: [] };
  const estimate = { seconds, earliest: earliest ?? seconds, ...(latest !== undefined && { latest }) };
  return {
    main: `Ready in ${estimateWords(estimate, (now - Date.parse(observedAt)) / 1000)}`,
    text,
    steps: [],
    why: 'The estimate follows from the lag of the last hours. In one of ten cases it is earlier or later.',
  };
}

function lagSentence({ lagTimeSeconds, lagTrendPerMinute: trend }: MigrationView): string {
  if (lagTimeSeconds === undefined) return '';
  return `The lag is ${formatSpan(lagTimeSeconds)}${trend === undefined ? '' : `, ${trendWords(trend)}`}.`;
}

/** Says that what is shown is old; empty while it is current. */
function lastRead(view: MigrationView, now: number): string {
  if (view.observedAt === undefined || isCurrent(factsOf(view), now)) return '';
  const age = ago((now - Date.parse(view.observedAt)) / 1000);
  return view.readyForCutover === true
    ? ` It was ready when it was last read, ${age}.`
    : ` Last read ${age}.`;
}
