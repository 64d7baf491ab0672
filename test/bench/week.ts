/**
 * A watcher in a process of its own that lives through a simulated week, a poll every 30 s of its clock, as fast as it
 * can. Each migration cannot be read for an hour of each day, and every day there is another configuration. Says how much
 * memory it holds at the end of each day. Needs --expose-gc.
 */
import { setImmediate } from 'node:timers/promises';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { AtlasClient } from '../../src/atlas/client.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import { RateLimiter } from '../../src/watch/schedule/rate-limiter.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { benchPolicy, bodyOf, numberOf, targetsOf } from './bench-fleet.ts';

const day = 24 * 3_600_000;
const pollEveryMs = 30_000;
const days = 7;
const outageMs = 3_600_000;
const unavailable = new AtlasError({ kind: 'server_error', httpStatus: 503, detail: 'HTTP 503' });
const concurrency = 16;

const [, , statePath = '', migrations = '0'] = process.argv;
await live(statePath, Number(migrations));

async function live(path: string, count: number): Promise<void> {
  const targets = targetsOf({ id: 1, count, projects: 1 });
  let clock = 0;
  const now = (): number => clock;
  const client: AtlasClient = {
    async readMigration({ liveMigrationId }) {
      const number = numberOf(liveMigrationId);
      if ((clock + number * outageMs) % day < outageMs) return { ok: false, attempts: 4, error: unavailable };
      // Ready, and not any more, at another hour each day.
      const ready = (clock + number * pollEveryMs) % day > day / 2;
      const { lagTimeSeconds = 0 } = bodyOf(liveMigrationId, number, clock, ready);
      const reading = { status: 'WORKING', readyForCutover: ready, lagTimeSeconds: lagTimeSeconds ?? 0 };
      return { ok: true, attempts: 1, reading };
    },
  };
  const emitLine = createEmitter({
    output: { closed: false, write: () => {} },
    format: 'json',
    level: 'info',
    redactor: new Redactor(),
  });
  const store = openStore(path);
  const deferred: (() => void)[] = [];
  const ledger = new Ledger(store, emitLine, targets, { now, defer: (work) => deferred.push(work) });
  const emit = (record: Parameters<typeof emitLine>[0]): boolean => ledger.say(record);
  const limits = new RateLimiter({ requestsPerMinute: 1e9, maxRetryAfterMs: 0, emit, now, monotonic: now });
  const watcher = new Watcher({
    targets,
    client,
    ledger,
    limits,
    emit,
    policy: benchPolicy,
    concurrency,
    now,
    monotonic: now,
    onSettled: () => {},
    onFault: (mistake) => {
      throw mistake;
    },
  });
  const heapMb: number[] = [];
  const residentMb: number[] = [];
  for (clock = pollEveryMs; clock <= days * day; clock += pollEveryMs) {
    await watcher.round(0);
    await watcher.round(0, 'approaching');
    while (deferred.length > 0) for (const work of deferred.splice(0)) work();
    if (clock % (5 * 60_000) === 0) watcher.beat();
    if (clock % day !== 0) continue;
    // One of them goes, and comes back the next day.
    watcher.reconfigure({
      targets: targets.slice(0, count - ((clock / day) % 2)),
      policy: benchPolicy,
      concurrency,
    });
    heapMb.push(await heldMb());
    residentMb.push(process.memoryUsage.rss() / 2 ** 20);
  }
  await watcher.stop(0);
  store.close();
  process.send?.({ heapMb, residentMb });
}

/** What is finalized in one round of garbage collection is freed in the next. */
async function heldMb(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}
