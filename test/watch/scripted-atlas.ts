import type { AtlasClient, PollResult } from '../../src/atlas/client.ts';
import type { MigrationId } from '../../src/atlas/endpoint.ts';
import { monotonicNow as monotonic } from '../../src/daemon/clock.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import { RateLimiter } from '../../src/watch/schedule/rate-limiter.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { errorOf, type Outcome, orders, policy, start } from './sample-migrations.ts';

/** One poll that the watcher began; it stays under way until it is answered or aborted. */
interface Call {
  readonly id: MigrationId;
  answer(outcome: Outcome, deprecation?: PollResult['deprecation']): void;
}

/** Stands in for the Atlas client: polls are collected, and answered by the test or by `reply` at once. */
export function scriptedAtlas(reply?: (id: MigrationId) => Outcome) {
  const calls: Call[] = [];
  const underWay = new Map<string, number>();
  let mostOfOne = 0;
  const client: AtlasClient = {
    async readMigration(id, signal) {
      const polls = (underWay.get(id.liveMigrationId) ?? 0) + 1;
      underWay.set(id.liveMigrationId, polls);
      mostOfOne = Math.max(mostOfOne, polls);
      const { promise, resolve, reject } = Promise.withResolvers<PollResult>();
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      const answer: Call['answer'] = (outcome, deprecation) => {
        resolve(resultOf(outcome, deprecation));
      };
      calls.push({ id, answer });
      if (reply !== undefined) answer(reply(id));
      try {
        return await promise;
      } finally {
        underWay.set(id.liveMigrationId, polls - 1);
      }
    },
  };
  return { client, calls, mostOfOne: () => mostOfOne };
}

function resultOf(outcome: Outcome, deprecation: PollResult['deprecation']): PollResult {
  if (typeof outcome === 'string') return { ok: false, attempts: 1, error: errorOf(outcome) };
  return { ok: true, attempts: 1, reading: outcome, ...(deprecation && { deprecation }) };
}

interface Setting {
  readonly targets?: ConstructorParameters<typeof Watcher>[0]['targets'];
  readonly client: AtlasClient;
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** How much later than `start` it begins, in ms. */
  readonly afterMs?: number;
  /** What an earlier run left. */
  readonly store?: Store;
}

/** A watcher over a real ledger that keeps nothing on disk; what it says and does is collected. */
export function watcherOf({
  targets = [orders],
  client,
  concurrency = 16,
  requestsPerMinute = 6_000,
  afterMs = 0,
  store = openStore(':memory:'),
}: Setting) {
  const events: EventRecord[] = [];
  const emit = (event: EventRecord): boolean => events.push(event) > 0;
  const begin = performance.now();
  let setBy = afterMs;
  const now = (): number => start + setBy + performance.now() - begin;
  /** Sets the wall clock forward or back. */
  const setClock = (ms: number): void => {
    setBy += ms;
  };
  const ledger = new Ledger(store, emit, targets);
  const limits = new RateLimiter({ requestsPerMinute, maxRetryAfterMs: 300_000, emit, now, monotonic });
  const ends: string[] = [];
  const faults: unknown[] = [];
  const watcher = new Watcher({
    targets,
    client,
    ledger,
    limits,
    emit,
    policy,
    concurrency,
    now,
    monotonic,
    onSettled: () => ends.push('settled'),
    onFault: (fault) => faults.push(fault),
  });
  return { watcher, events, ends, faults, limits, store, setClock };
}
