import type { EventRecord } from '../events/event-record.ts';
import { formatSpan } from '../events/format.ts';
import { acknowledgedWord, statedWord } from '../watch/words.ts';
import { moment } from './words.ts';

/** Who stated something, when, and why. Times in ms since 1970. */
interface Said {
  readonly at: number;
  readonly source?: string;
  readonly author?: string;
  readonly comment?: string;
}

/** The end of a window as it was stated last. */
interface StatedEnd extends Said {
  readonly deadline: number;
}

interface SaidAcknowledgement extends Said {
  readonly until?: number;
}

/** A planned cutover; without a time, that the one before was cleared. */
interface SaidPlan extends Said {
  readonly plannedAt?: number;
  readonly durationSeconds?: number;
  /** It was reported as at risk, or as missed. */
  readonly outcome?: 'at risk' | 'missed';
}

/** What people have stated about a migration, oldest first. */
export interface StatedWords {
  /** Absent where the end of the latest window is an estimate. */
  readonly end?: StatedEnd;
  readonly acknowledgements: readonly SaidAcknowledgement[];
  readonly plans: readonly SaidPlan[];
}

/** Returns the event that has the latest end of a window, with that end in ms since 1970; undefined without one. */
export function latestEnd(
  events: readonly EventRecord[],
): { readonly event: EventRecord; readonly deadline: number } | undefined {
  const event = events.findLast((one) => endOf(one) !== undefined);
  return event && { event, deadline: Date.parse(String(endOf(event))) };
}

function endOf(event: EventRecord): unknown {
  return event.event === 'migration.window_changed' ? event.to : event.deadline;
}

/** Returns what the event log has of the words of people. */
export function statedWords(events: readonly EventRecord[]): StatedWords {
  const end = statedEnd(events);
  return {
    ...(end !== undefined && { end }),
    acknowledgements: events
      .filter(({ event }) => event === 'migration.acknowledged')
      .map((event) => ({ ...saidIn(event), ...momentIn('until', event.until) })),
    plans: events.flatMap((event, index) =>
      event.event === 'migration.cutover_planned' ? [planIn(event, events.slice(index + 1))] : [],
    ),
  };
}

/** Not every event that has the end of the window says where that comes from. */
function statedEnd(events: readonly EventRecord[]): StatedEnd | undefined {
  const deadline = latestEnd(events)?.deadline;
  const latest = events.findLast((event) => sourceIn(event) !== undefined);
  const source = latest && sourceIn(latest);
  if (deadline === undefined || latest === undefined || source === 'estimated') return undefined;
  const change = events.findLast(({ event }) => event === 'migration.window_changed');
  return {
    ...saidIn(change !== undefined && endOf(change) === endOf(latest) ? change : latest),
    source: String(source),
    deadline,
  };
}

function sourceIn(event: EventRecord): unknown {
  return event.event === 'migration.window_changed' ? event.source : event.deadlineSource;
}

function planIn(event: EventRecord, later: readonly EventRecord[]): SaidPlan {
  const next = later.findIndex((one) => one.event === 'migration.cutover_planned');
  const own = (next < 0 ? later : later.slice(0, next)).map((one) => one.event);
  const lastRisk = own.lastIndexOf('migration.plan_at_risk');
  const isMissed = own.includes('migration.plan_missed');
  const isAtRisk = lastRisk > own.lastIndexOf('migration.plan_on_course');
  const { planDurationSeconds } = event;
  return {
    ...saidIn(event),
    ...momentIn('plannedAt', event.plannedAt),
    ...(typeof planDurationSeconds === 'number' && { durationSeconds: planDurationSeconds }),
    ...(isMissed ? { outcome: 'missed' as const } : isAtRisk && { outcome: 'at risk' as const }),
  };
}

function saidIn({ time, source, author, comment }: EventRecord): Said {
  return {
    at: Date.parse(time),
    ...(typeof source === 'string' && { source }),
    ...(typeof author === 'string' && { author }),
    ...(typeof comment === 'string' && { comment }),
  };
}

function momentIn<Name extends string>(name: Name, isoTime: unknown): { readonly [name in Name]?: number } {
  return (typeof isoTime === 'string' ? { [name]: Date.parse(isoTime) } : {}) as { [name in Name]?: number };
}

/** Returns the facts about what people have stated, as pairs of name and text. */
export function statedFacts({ end, acknowledgements, plans }: StatedWords): [name: string, text: string][] {
  const acknowledged = acknowledgements.map(({ until, ...said }) => {
    const rest = until === undefined ? '' : `, until ${moment(until)}`;
    return `${acknowledgedWord(said)} on ${moment(said.at)}${rest}${commentOf(said)}`;
  });
  return [
    ...(end === undefined
      ? []
      : [
          [
            'Stated end of the window',
            `${moment(end.deadline)}, ${endWord(end)} on ${moment(end.at)}${commentOf(end)}`,
          ] as [string, string],
        ]),
    ...(acknowledged.length === 0 ? [] : [['Acknowledgements', acknowledged.join('; ')] as [string, string]]),
    ...(plans.length === 0 ? [] : [['Planned cutover', plans.map(planText).join('; ')] as [string, string]]),
  ];
}

/** Returns who stated the end of a window: `stated by anna`. */
export function endWord({ source, author }: Pick<Said, 'source' | 'author'>): string {
  return statedWord({ deadlineSource: source, deadlineAuthor: author }) ?? '';
}

function planText({ plannedAt, durationSeconds, outcome, ...said }: SaidPlan): string {
  const by = said.author === undefined ? '' : ` by ${said.author}`;
  if (plannedAt === undefined) return `cleared${by} on ${moment(said.at)}${commentOf(said)}`;
  const length = durationSeconds === undefined ? '' : `, within ${formatSpan(durationSeconds)}`;
  const result = outcome === undefined ? '' : `, ${outcome}`;
  return `${moment(plannedAt)}${length}, planned${by} on ${moment(said.at)}${result}${commentOf(said)}`;
}

function commentOf({ comment }: Said): string {
  return comment === undefined ? '' : ` (${comment})`;
}
