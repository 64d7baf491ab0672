import type { CredentialKind } from '../atlas/authenticator.ts';
import { formatDay, formatSpan } from '../events/format.ts';
import type { PlanRisk } from '../state/operator-word.ts';
import {
  compareUrgency,
  isCurrent,
  type Urgency,
  type UrgencyFacts,
  urgencyOf,
} from './migration/urgency.ts';
import { faultWord, standingWord } from './words.ts';

/** What the headline needs to know of one migration. */
export interface HeadlineMigration extends UrgencyFacts {
  readonly name: string;
  /** Why its latest polls failed; absent while it can be read. */
  readonly errorType?: string | undefined;
  /** When its cutover is planned, ISO 8601 in UTC, what puts that at risk, and whether its time is over. */
  readonly plannedAt?: string | undefined;
  readonly planRisks?: readonly PlanRisk[] | undefined;
  readonly planMissed?: true | undefined;
}

export interface HeadlineFacts {
  readonly migrations: readonly HeadlineMigration[];
  /** Since when the poll loop has not run, in ms since 1970; absent while it does. */
  readonly notWatchingSince?: number | undefined;
  /** Default: `apiKey`. */
  readonly credential?: CredentialKind | undefined;
  /** Absent where this watcher is the active one. */
  readonly standby?: StandbyFacts | undefined;
}

/** What the headline of a standby needs to know. */
export interface StandbyFacts {
  /** The active watcher: its host and process id. */
  readonly holder?: string | undefined;
}

/**
 * How urgent the headline is: `alarm` where nobody watches, a window has ended or nothing can be read; `ready` where
 * there is something to cut over; `warning` where something needs a look; `done` where everything has ended well.
 */
type HeadlineTone = 'alarm' | 'ready' | 'warning' | 'calm' | 'done';

export interface Headline {
  /** One line for people: at most a few sentences. */
  readonly text: string;
  readonly tone: HeadlineTone;
}

/** Returns a moment (ms since 1970) for people: `16:02 UTC`. */
type TimeOf = (moment: number) => string;

/** The migrations of the facts by where they stand, each list the most urgent first. */
interface View {
  readonly all: readonly HeadlineMigration[];
  /** Those that have not ended. */
  readonly open: readonly HeadlineMigration[];
  readonly overdue: readonly HeadlineMigration[];
  readonly ready: readonly HeadlineMigration[];
  /** What keeps every open migration from being read; undefined where some can be read. */
  readonly outage: string | undefined;
  readonly credential: CredentialKind;
  readonly now: number;
  readonly timeOf: TimeOf;
}

/**
 * Returns how everything stands, in one line: what to do first, then what else is wrong, then how current that is. It
 * says that nothing is ready only where everything was read within three intervals. `now` in ms since 1970.
 */
export function headline(facts: HeadlineFacts, now: number, timeOf: TimeOf): Headline {
  const { notWatchingSince } = facts;
  if (notWatchingSince !== undefined)
    return { text: `Not watching since ${timeOf(notWatchingSince)}.`, tone: 'alarm' };
  const view = viewOf(facts, now, timeOf);
  const sentences = [
    standbySentence(facts),
    overdueSentence(view),
    readySentence(view),
    outageSentence(view),
    restSentence(view),
    countSentence(view),
    freshnessSentence(view),
  ];
  return { text: sentences.filter((sentence) => sentence !== '').join(' '), tone: toneOf(view) };
}

/** Says who polls; the process id is in the log. */
function standbySentence({ standby }: HeadlineFacts): string {
  if (standby === undefined) return '';
  const host = hostOf(standby.holder);
  return host === undefined ? 'Standing by: no watcher is active.' : `Standing by for ${host}.`;
}

/** Returns the host of a watcher that is named by host and process id. */
export function hostOf(holder: string | undefined): string | undefined {
  return holder?.replace(/ \(pid \d+\)$/, '');
}

function viewOf({ migrations, credential = 'apiKey' }: HeadlineFacts, now: number, timeOf: TimeOf): View {
  const open = migrations.filter((migration) => !hasEnded(migration, now));
  const standing = (urgency: Urgency): HeadlineMigration[] =>
    open
      .filter((migration) => urgencyOf(migration, now) === urgency)
      .toSorted((one, other) => compareUrgency(one, other, now));
  return {
    all: migrations,
    open,
    overdue: standing('overdue'),
    ready: standing('ready'),
    outage: outageOf(open),
    credential,
    now,
    timeOf,
  };
}

function hasEnded(migration: HeadlineMigration, now: number): boolean {
  return ['failed', 'done'].includes(urgencyOf(migration, now));
}

/** A single failed poll is no outage; before the first reply of all, it is all that is known. */
function outageOf(open: readonly HeadlineMigration[]): string | undefined {
  const fail = ({ errorType, observedAt, reachable }: HeadlineMigration): boolean =>
    errorType !== undefined && (!reachable || observedAt === undefined);
  return open.length > 0 && open.every(fail) ? open[0]?.errorType : undefined;
}

function overdueSentence({ overdue, now }: View): string {
  const [late] = overdue;
  if (late?.deadline === undefined) return '';
  return `Overdue: ${late.name}, by ${coarse(now - Date.parse(late.deadline))}${andMore(overdue)}.`;
}

function readySentence({ ready, now, timeOf }: View): string {
  const [next] = ready;
  if (next === undefined) return '';
  const { name, deadline, plannedAt } = next;
  const within = deadline === undefined ? '' : ` within ${coarse(Date.parse(deadline) - now)}`;
  const planned = plannedAt === undefined ? now : Date.parse(plannedAt);
  const plan = planned > now ? ` (planned for ${timeOf(planned)})` : '';
  return `Cut over ${name}${within}${plan}${andMore(ready)}.`;
}

function outageSentence({ outage, open, credential, timeOf }: View): string {
  if (outage === undefined) return '';
  const readAt = open.map(({ observedAt }) => (observedAt === undefined ? 0 : Date.parse(observedAt)));
  const last = readAt.reduce((one, other) => Math.max(one, other), 0);
  const holder = credential === 'serviceAccount' ? 'service account' : 'API key';
  if (last > 0)
    return outage === 'unauthorized'
      ? `Atlas refuses the ${holder}: nothing has been read since ${timeOf(last)}.`
      : `Atlas has not been read since ${timeOf(last)} (${faultWord(outage)}).`;
  const none =
    open.length === 1
      ? `${open[0]?.name} could not be read`
      : `none of ${open.length} migrations could be read`;
  if (outage === 'unauthorized') return `Atlas refuses the ${holder}: ${none}.`;
  return `Atlas can't be read (${faultWord(outage)}): ${none}.`;
}

/** What needs a look: `1 stalled, 2 failed, 3 can't be read.` */
function countSentence({ all, open, now, outage }: View): string {
  const words = all.map((migration) => trouble(migration, now, outage !== undefined));
  const counts = troubles
    .map((word) => [words.filter((each) => each === word).length, word] as const)
    .filter(([count]) => count > 0);
  const parts = [...counts.map(([count, word]) => `${count} ${word}`), ...planCounts(open)];
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;
}

/** A plan has its own trouble, besides that of its migration. */
function planCounts(open: readonly HeadlineMigration[]): readonly string[] {
  const missed = open.filter(({ planMissed }) => planMissed).length;
  const atRisk = open.filter(hasPlanAtRisk).length;
  const counts = [
    [atRisk, 'at risk'],
    [missed, 'missed'],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${count === 1 ? 'plan' : 'plans'} ${word}`);
}

function hasPlanAtRisk({ planRisks = [] }: HeadlineMigration): boolean {
  return planRisks.length > 0;
}

/** In this order, whatever comes first in the configuration. */
const troubles = [
  'stalled',
  'failed',
  'expired',
  'no longer in Atlas',
  "can't be read",
  'not read yet',
  'not read lately',
] as const;

/** Of an outage of all, another sentence says that it can't be read. */
function trouble(migration: HeadlineMigration, now: number, isOutage: boolean): string | undefined {
  const { observedAt, reachable, errorType, settlement } = migration;
  const urgency = urgencyOf(migration, now);
  if (urgency === 'stalled') return 'stalled';
  if (urgency === 'failed') return sentenceWord(urgency, settlement);
  if (urgency === 'done' || isOutage || isCurrent(migration, now)) return undefined;
  if (!reachable || (observedAt === undefined && errorType !== undefined)) return "can't be read";
  return observedAt === undefined ? 'not read yet' : 'not read lately';
}

/** Returns the word within a sentence: `failed`, `no longer in Atlas`. */
function sentenceWord(urgency: Urgency, settlement: string | undefined): string {
  const word = standingWord(urgency, settlement);
  return word.charAt(0).toLowerCase() + word.slice(1);
}

/** What there is to say where nothing is to be done. */
function restSentence({ all, open, overdue, ready, outage, now }: View): string {
  if (all.length === 0) return 'No migration is watched.';
  const [first] = all;
  if (open.length === 0 && first !== undefined) {
    if (all.length === 1)
      return `${first.name} has ended: ${sentenceWord(urgencyOf(first, now), first.settlement)}.`;
    const areDone = all.every((migration) => urgencyOf(migration, now) === 'done');
    return `All ${all.length} migrations ${areDone ? 'are complete' : 'have ended'}.`;
  }
  const isQuiet = outage === undefined && overdue.length === 0 && ready.length === 0;
  return isQuiet && open.every((migration) => isCurrent(migration, now))
    ? 'Nothing is ready for cutover.'
    : '';
}

function freshnessSentence({ open, outage, now }: View): string {
  if (outage !== undefined || open.length === 0 || !open.every((migration) => isCurrent(migration, now)))
    return '';
  const ages = open.map(({ observedAt = '' }) => now - Date.parse(observedAt));
  const oldest = ages.reduce((one, other) => Math.max(one, other), 0);
  // In steps, so that the line does not change every second.
  return `All read within the last ${formatSpan(Math.max(30, Math.ceil(oldest / 30_000) * 30))}.`;
}

const worrying: ReadonlySet<Urgency> = new Set(['failed', 'unreachable', 'stalled']);

function toneOf({ all, open, overdue, ready, outage, now }: View): HeadlineTone {
  if (outage !== undefined || overdue.length > 0) return 'alarm';
  if (ready.length > 0) return 'ready';
  if (all.some((migration) => worrying.has(urgencyOf(migration, now)))) return 'warning';
  if (open.some((migration) => hasPlanAtRisk(migration) || migration.planMissed)) return 'warning';
  if (open.some(({ observedAt, errorType }) => observedAt === undefined && errorType !== undefined))
    return 'warning';
  return open.length === 0 && all.length > 0 ? 'done' : 'calm';
}

/** Returns how the headline writes moments in UTC, without the date of today. `now` in ms since 1970. */
export function utcTimes(now: number): TimeOf {
  return withoutToday(now, (moment) => formatDay(new Date(moment).toISOString()));
}

/** Returns moments such as `Thu 3 Dec 14:43 UTC` without a date that is the one of `now`. */
export function withoutToday(now: number, textOf: TimeOf): TimeOf {
  const dayOf = (moment: number): string => textOf(moment).split(' ').slice(0, dateWords).join(' ');
  return (moment) =>
    dayOf(moment) === dayOf(now) ? textOf(moment).split(' ').slice(dateWords).join(' ') : textOf(moment);
}

/** Weekday, day and month. */
const dateWords = 3;

/** In minutes: in seconds, the line would change every second. */
function coarse(ms: number): string {
  return ms < 60_000 ? 'less than 1 min' : formatSpan(Math.floor(ms / 60_000) * 60);
}

function andMore({ length }: readonly unknown[]): string {
  return length > 1 ? `, and ${length - 1} more` : '';
}
