import type { ErrorKind } from '../atlas/error-kind.ts';
import type { Outage } from '../state/migration-state.ts';

/** How the latest polls of the other migrations that are watched ended. */
export interface Others {
  /** How many there are. */
  readonly total: number;
  /** How many were read by their latest poll in this run, and since the first failure of the migration in question. */
  readonly read: number;
  /** How many were read by their latest poll in this run, but before that: what they suffer by now is not known. */
  readonly unheard: number;
  /** How many failed by their latest poll in this run; the rest was not polled yet. */
  readonly failed: number;
  /** The kinds of error with which those ended. */
  readonly kinds: ReadonlySet<ErrorKind>;
  /** Whether one of them has told people about an outage that they share. */
  readonly told: boolean;
}

export interface OutagePolicy {
  /** Failed polls in a row after which a migration counts as unreachable. */
  readonly unreachableAfter: number;
  /** How often to remind of an outage, in ms; 0 is never. */
  readonly remindEveryMs: number;
}

/** What people are to be told of one more failed poll: nothing, that it begins, or that it still lasts. */
export type OutageNews = 'none' | 'begun' | 'lasts';

/** Faults that lie between this machine and Atlas, or with the key, strike all migrations alike. */
const sharedKinds = new Set<ErrorKind>([
  'network',
  'timeout',
  'tls',
  'server_error',
  'rate_limited',
  'unauthorized',
  'forbidden',
  'billing',
  'api_version',
]);

/**
 * How long after its first failure a migration keeps quiet at most while it is not known how others get on: those on
 * a slower schedule have to be heard before one outage can be told from many.
 */
const patienceMs = 60_000;

/**
 * Returns the outage after one more failed poll, and the news it makes. An outage is told once
 * `unreachableAfter` polls have failed. When every other migration fails in the same way, it is one outage: the
 * first to get there tells it for all, and the others keep quiet until they are no longer all alike. What was read
 * of others before it began speaks neither for nor against that, and is waited for a little.
 */
export function failOnce(
  former: Outage | undefined,
  kind: ErrorKind,
  now: number,
  others: Others,
  { unreachableAfter, remindEveryMs }: OutagePolicy,
): { readonly outage: Outage; readonly news: OutageNews } {
  const { since = now, failures: before = 0, told, toldAt = now } = former ?? {};
  const failures = before + 1;
  const shared = isShared(kind, others);
  // The others are back and people were told so; from now on this is an outage of its own.
  if (told === 'for all' && others.read > 0)
    return { outage: { failures, since, told: 'for itself', toldAt: now }, news: 'begun' };
  if (told === 'for all' || told === 'for itself') {
    const reminds = remindEveryMs > 0 && now - toldAt >= remindEveryMs;
    return {
      outage: { failures, since, told, toldAt: reminds ? now : toldAt },
      news: reminds ? 'lasts' : 'none',
    };
  }
  if (failures < unreachableAfter) return { outage: { failures, since }, news: 'none' };
  if (others.told && others.read === 0)
    return { outage: { failures, since, told: 'by another' }, news: 'none' };
  // Who told it is watched no more, so another one speaks for all.
  if (told === 'by another' && shared)
    return { outage: { failures, since, told: 'for all', toldAt: now }, news: 'lasts' };
  if (told === 'by another' && others.read === 0) return { outage: { failures, since, told }, news: 'none' };
  if (told === undefined && isWorthWaiting(kind, now - since, others))
    return { outage: { failures, since }, news: 'none' };
  return { outage: { failures, since, told: shared ? 'for all' : 'for itself', toldAt: now }, news: 'begun' };
}

/**
 * Returns whether people are to be told that a migration can be read again: when it was the one that told them of
 * the outage. Of a shared one that is its teller, whichever migration is read first.
 */
export function isRecoveryNews({ told }: Outage): boolean {
  return told === 'for itself' || told === 'for all';
}

/** Not at the very first failure: nobody can have been heard since, and who sets `unreachableAfter` to 1 wants no delay. */
function isWorthWaiting(kind: ErrorKind, failingForMs: number, { read, unheard }: Others): boolean {
  const isEarly = failingForMs > 0 && failingForMs < patienceMs;
  return isEarly && sharedKinds.has(kind) && read === 0 && unheard > 0;
}

function isShared(kind: ErrorKind, { total, failed, unheard, kinds }: Others): boolean {
  if (failed === 0 || failed + unheard < total || !sharedKinds.has(kind)) return false;
  return [...kinds].every((other) => classOf(other) === classOf(kind));
}

/** A dead network answers now with a reset, now with nothing at all. */
function classOf(kind: ErrorKind): ErrorKind {
  return kind === 'timeout' || kind === 'tls' ? 'network' : kind;
}
