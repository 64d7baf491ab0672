import type { ErrorKind } from '../atlas/error-kind.ts';
import { endWord } from '../events/end-words.ts';
import { riskWords } from '../events/plan-words.ts';
import type { PlanRisk } from '../state/operator-word.ts';
import type { MarkName } from './migration/lane.ts';
import type { Urgency } from './migration/urgency.ts';

/** A sign that stands beside a color, and the word for it. */
export interface SignedWord {
  readonly sign: string;
  readonly word: string;
}

/** Where a migration stands, for people. Page, terminal, log and report use these words and signs. */
export const standingWords: Readonly<Record<Urgency, SignedWord>> = {
  overdue: { sign: '‼', word: 'Overdue' },
  unknown: { sign: '?', word: 'Unknown' },
  ready: { sign: '★', word: 'Ready' },
  failed: { sign: '✖', word: 'Failed' },
  unreachable: { sign: '▲', word: "Can't be read" },
  stalled: { sign: '■', word: 'Stalled' },
  approaching: { sign: '◕', word: 'Nearly ready' },
  copying: { sign: '◔', word: 'Copying' },
  waiting: { sign: '○', word: 'Waiting' },
  done: { sign: '✔', word: 'Complete' },
};

/** Returns the word for where a migration stands; expired and no longer in Atlas are ways to fail with their own word. */
export function standingWord(urgency: Urgency, settlement: string | undefined): string {
  const end = endWord(settlement);
  return end === undefined ? standingWords[urgency].word : end.charAt(0).toUpperCase() + end.slice(1);
}

/** What a lane or a plot shows, for people: phases, what lies over them, and what is beside them. */
export const laneWords: Readonly<Record<MarkName, string>> = {
  waiting: 'Waiting',
  initial_copy: 'Initial copy',
  catching_up: 'Catching up',
  copying: 'Copying',
  ready: 'Ready',
  cutover: 'Cutover',
  complete: standingWords.done.word,
  failed: standingWords.failed.word,
  expired: standingWord('failed', 'EXPIRED'),
  disappeared: standingWord('failed', 'DISAPPEARED'),
  stalled: standingWords.stalled.word,
  unreadable: standingWords.unreachable.word,
  not_watched: 'Not watched',
  watching: 'Watching',
  not_watching: 'Not watching',
  window: 'Window for the cutover',
  overdue: standingWords.overdue.word,
  window_end: 'End of the window',
  estimate: 'Ready (estimate)',
  planned: 'Planned cutover',
  now: 'Now',
};

/** Why something can't be read, in words that follow "because of" or stand in brackets. */
const faultWords: Readonly<Record<ErrorKind, string>> = {
  network: 'network error',
  timeout: 'no answer in time',
  tls: 'TLS error',
  unauthorized: 'credentials refused',
  forbidden: 'access denied',
  not_found: 'not found',
  rate_limited: 'rate limit reached',
  server_error: 'Atlas server error',
  bad_reply: 'reply not understood',
  api_version: 'API version not served',
  billing: 'invoice not paid',
  internal: 'internal error',
};

/** Returns why something can't be read, in words: `access denied (HTTP 403)`. */
export function faultWord(errorType: string, httpStatus?: number): string {
  const word = (faultWords as Readonly<Record<string, string>>)[errorType] ?? errorType.replaceAll('_', ' ');
  return httpStatus === undefined ? word : `${word} (HTTP ${httpStatus})`;
}

/** Who stated the end of a window. */
interface StatedEnd {
  readonly deadlineSource?: string | undefined;
  readonly deadlineAuthor?: string | undefined;
}

/** Returns who stated the end of a window: `stated by anna`; undefined of an estimate. */
export function statedWord({ deadlineSource, deadlineAuthor }: StatedEnd): string | undefined {
  if (deadlineSource === 'configuration') return 'stated in the configuration';
  return deadlineSource === 'operator' ? `stated by ${deadlineAuthor ?? 'a command'}` : undefined;
}

/** Returns that somebody knows how things stand: `acknowledged by anna`. */
export function acknowledgedWord({ author }: { readonly author?: string | undefined }): string {
  return author === undefined ? 'acknowledged' : `acknowledged by ${author}`;
}

/** What is known of a planned cutover. */
interface PlanFacts {
  readonly plannedAt?: string | undefined;
  readonly planRisks?: readonly PlanRisk[] | undefined;
  readonly planMissed?: true | undefined;
}

/**
 * Returns how a planned cutover stands: `planned 02:00`, `plan at risk: its lag is high`, `plan missed: 02:00`; undefined
 * where none is planned. `when` is its time for the reader.
 */
export function planWord(
  { plannedAt, planRisks = [], planMissed }: PlanFacts,
  when: (isoTime: string) => string,
): string | undefined {
  if (plannedAt === undefined) return undefined;
  if (planMissed) return `plan missed: ${when(plannedAt)}`;
  if (planRisks.length === 0) return `planned ${when(plannedAt)}`;
  return `plan at risk: ${planRisks.map((cause) => riskWords[cause]).join(', ')}`;
}
