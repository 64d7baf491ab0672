import type { ErrorKind } from '../atlas/error-kind.ts';
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

/** Ways to fail that have a word of their own. */
const endWords: Readonly<Record<string, string>> = {
  EXPIRED: 'Expired',
  DISAPPEARED: 'No longer in Atlas',
};

/** Returns the word for where a migration stands; expired and no longer in Atlas are ways to fail with their own word. */
export function standingWord(urgency: Urgency, settlement: string | undefined): string {
  return endWords[settlement ?? ''] ?? standingWords[urgency].word;
}

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
