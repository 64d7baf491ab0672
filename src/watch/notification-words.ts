import { formatSpan } from '../events/format.ts';

/** What is told of one receiver of notifications; moments in ms since 1970. */
export interface ReceiverFacts {
  readonly name: string;
  readonly state: 'working' | 'failing' | 'stopped' | 'new';
  readonly waiting: number;
  readonly failingSince?: number | undefined;
  /** Whether its failures were reported: a single one is nothing to worry about. */
  readonly isReported?: boolean | undefined;
  /** What the latest attempt has led to. */
  readonly answer?: string | undefined;
}

/** What is wrong with a receiver: `what` stays the same while it lasts, `more` has how long and why. */
export interface ReceiverFault {
  readonly what: string;
  readonly more: string;
}

const longestAnswer = 100;
const namesShown = 5;

/** Returns what is wrong with each receiver with which something is; `now` in ms since 1970. */
export function receiverFaults(receivers: readonly ReceiverFacts[], now: number): readonly ReceiverFault[] {
  return receivers.filter(isFaulty).map((receiver) => faultOf(receiver, now));
}

function isFaulty({ state, isReported }: ReceiverFacts): boolean {
  return state === 'stopped' || (state === 'failing' && isReported === true);
}

function faultOf({ name, state, waiting, failingSince, answer }: ReceiverFacts, now: number): ReceiverFault {
  const why = answer === undefined ? [] : [`(${withoutBrackets(shortAnswer(answer))})`];
  const waits = waiting === 0 ? '' : `; ${waiting} ${waiting === 1 ? 'waits' : 'wait'}`;
  if (state === 'stopped')
    return { what: `Notifications to ${name} have stopped`, more: `${why.join('')}${waits}.`.trimStart() };
  const span = failingSince === undefined ? [] : [`for ${formatSpan(wholeMinutes(now - failingSince))}`];
  return {
    what: `Notifications to ${name} have not arrived`,
    more: `${[...span, ...why].join(' ')}${waits}.`,
  };
}

/** Returns who is notified, on one line; undefined where nobody is, or {@link receiverFaults} has more to say. */
export function receiversLine(receivers: readonly ReceiverFacts[]): string | undefined {
  if (receivers.length === 0 || receivers.some(isFaulty)) return undefined;
  const names = receivers.slice(0, namesShown).map(({ name }) => name);
  const more = receivers.length - names.length;
  return `Notifications: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Returns an answer without what the receiver said in its own words. */
export function shortAnswer(answer: string): string {
  const [, status] = /^(HTTP \d{3}): /.exec(answer) ?? [];
  if (status !== undefined) return status;
  return answer.length > longestAnswer ? `${answer.slice(0, longestAnswer - 1)}…` : answer;
}

/** In brackets itself, an answer has none. */
function withoutBrackets(answer: string): string {
  return answer.replaceAll(/ \(([^()]*)\)/g, ', $1');
}

/** A span of more than a minute without its seconds. */
function wholeMinutes(ms: number): number {
  const seconds = Math.max(0, ms / 1000);
  return seconds < 60 ? seconds : Math.floor(seconds / 60) * 60;
}
