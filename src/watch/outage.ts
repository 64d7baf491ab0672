import type { ErrorKind } from '../atlas/error-kind.ts';
import type { Outage } from '../state/migration-state.ts';

/**
 * How the latest polls of the other migrations that are watched ended. One that is not found has a trouble of its own
 * and is not among them.
 */
export interface Others {
  /** How many were read by their latest poll in this run, and since the first failure of the migration in question. */
  readonly read: number;
  /** How many failed by their latest poll. */
  readonly failed: number;
  /** How many were read before that first failure, or never polled: what they suffer by now is not known. */
  readonly unheard: number;
  /** Whether one of them speaks for all in an outage that they share. */
  readonly told: boolean;
}

export interface OutagePolicy {
  /** Failed polls in a row after which a migration counts as unreachable. */
  readonly unreachableAfter: number;
  /** How often to remind of an outage, in ms; 0 is never. */
  readonly remindEveryMs: number;
  /** How long it takes until each migration has been polled, in ms. */
  readonly slowestPollMs: number;
}

/**
 * What people are to be told after one more failed poll: nothing, that an outage begins, that it still lasts, or that
 * the one that was told for all is none of all any more.
 */
export type OutageNews = 'none' | 'begun' | 'lasts' | 'over';

/** What one more failed poll looks like, beside those of the others. */
type Outlook = 'early' | 'unclear' | 'alone' | 'shared' | 'covered';

type Told = NonNullable<Outage['told']> | 'untold';

/** Timers and replies are a little late: by this factor an interval is longer than it is meant to be. */
const lateFactor = 1.1;
const leastSharedMs = 60_000;
/** However rarely others are polled, nobody is kept from news of an outage for longer. */
const longestPatienceMs = 10 * 60_000;

/**
 * Who has told, by who had before (columns) and how things look (rows). What is told for all ends when it is none of
 * all any more; what then still fails is told for itself by the next poll, after the end has been.
 */
const next: Readonly<Record<Outlook, Readonly<Record<Told, Told>>>> = {
  early: {
    untold: 'untold',
    before: 'before',
    'by another': 'by another',
    'for itself': 'for itself',
    'for all': 'for all',
  },
  unclear: {
    untold: 'untold',
    before: 'before',
    'by another': 'before',
    'for itself': 'for itself',
    'for all': 'for all',
  },
  alone: {
    untold: 'for itself',
    before: 'for itself',
    'by another': 'for itself',
    'for itself': 'for itself',
    'for all': 'before',
  },
  shared: {
    untold: 'for all',
    before: 'for all',
    'by another': 'for all',
    'for itself': 'for itself',
    'for all': 'for all',
  },
  covered: {
    untold: 'by another',
    before: 'by another',
    'by another': 'by another',
    'for itself': 'for itself',
    'for all': 'for all',
  },
};

/**
 * Returns the outage after one more failed poll, and the news it makes. An outage is told once `unreachableAfter`
 * polls have failed. When every other migration fails too, it is one outage, whatever each suffers: the first to get
 * there tells it for all, and the others keep quiet until one of them can be read. What was read of others before it
 * began speaks neither for nor against that, and is waited for a little. One that could not wait, and told it for itself,
 * speaks for all without a word where all have come to fail while each was polled once.
 */
export function failOnce(
  former: Outage | undefined,
  kind: ErrorKind,
  now: number,
  others: Others,
  policy: OutagePolicy,
): { readonly outage: Outage; readonly news: OutageNews } {
  const { since = now, failures: before = 0, told: toldBefore = 'untold' } = former ?? {};
  // A clock that was set back must not put off the next reminder.
  const toldAt = Math.min(former?.toldAt ?? now, now);
  const failures = before + 1;
  const outlook = outlookOf(kind, failures, now - since, others, policy);
  const joins = outlook === 'shared' && toldBefore === 'for itself' && now - since < sharedMs(policy);
  const told = joins ? 'for all' : next[outlook][toldBefore];
  const news = joins ? 'none' : newsOf(toldBefore, told, now - toldAt, policy);
  if (told === 'untold') return { outage: { failures, since }, news };
  if (told === 'by another' || told === 'before') return { outage: { failures, since, told }, news };
  const migrations = news === 'none' && !joins ? former?.migrations : others.failed + 1;
  return {
    outage: {
      failures,
      since,
      told,
      toldAt: news === 'none' ? toldAt : now,
      ...(told === 'for all' && migrations !== undefined && { migrations }),
    },
    news,
  };
}

/** Returns whether the end of an outage is to be told: by the migration that told people of it, and by no other. */
export function isRecoveryNews({ told }: Outage): boolean {
  return told === 'for itself' || told === 'for all';
}

function outlookOf(
  kind: ErrorKind,
  failures: number,
  failingForMs: number,
  { read, failed, unheard, told }: Others,
  policy: OutagePolicy,
): Outlook {
  if (failures < policy.unreachableAfter) return 'early';
  if (kind === 'not_found' || read > 0) return 'alone';
  if (told) return 'covered';
  // Not at the very first failure: nobody can have been heard since, and who sets `unreachableAfter` to 1 wants no delay.
  if (unheard > 0 && failingForMs > 0 && failingForMs < patienceMs(policy)) return 'unclear';
  return failed > 0 ? 'shared' : 'alone';
}

/** What began within this time is one outage: so long it takes at most until a dead network has befallen all polls. */
function sharedMs({ slowestPollMs }: OutagePolicy): number {
  return Math.max(leastSharedMs, slowestPollMs * lateFactor);
}

/**
 * How long after its first failure a migration keeps quiet at most while it is not known how others get on: those on
 * a slower schedule have to be heard before one outage can be told from many.
 */
function patienceMs(policy: OutagePolicy): number {
  return Math.min(longestPatienceMs, sharedMs(policy));
}

function newsOf(before: Told, told: Told, toldForMs: number, { remindEveryMs }: OutagePolicy): OutageNews {
  if (told === 'untold' || told === 'by another') return 'none';
  if (told === 'before') return before === 'for all' ? 'over' : 'none';
  if (told !== before) return 'begun';
  return remindEveryMs > 0 && toldForMs >= remindEveryMs ? 'lasts' : 'none';
}
