/**
 * A watcher in a process of its own that lives through a simulated week, a poll every 30 s of its clock, as fast as it
 * can. Says how much memory it holds at the end of each day. Needs --expose-gc.
 */
import { setImmediate } from 'node:timers/promises';
import type { AtlasClient } from '../../src/atlas/client.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import { RateLimits } from '../../src/watch/rate-limits.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { benchPolicy, bodyOf, numberOf, targetsOf } from './bench-fleet.ts';

const day = 24 * 3_600_000;
const pollEveryMs = 30_000;
const days = 7;

const [, , statePath = '', migrations = '0'] = process.argv;
await live(statePath, Number(migrations));

async function live(path: string, count: number): Promise<void> {
  const targets = targetsOf({ id: 1, count, projects: 1 });
  let clock = 0;
  const now = (): number => clock;
  const client: AtlasClient = {
    async readMigration({ liveMigrationId }) {
      const number = numberOf(liveMigrationId);
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
  const ledger = new Ledger(store, emitLine, targets, { now });
  const emit = (record: Parameters<typeof emitLine>[0]): boolean => ledger.say(record);
  const limits = new RateLimits({ requestsPerMinute: 1e9, maxRetryAfterMs: 0, emit, now, monotonic: now });
  const watcher = new Watcher({
    targets,
    client,
    ledger,
    limits,
    emit,
    policy: benchPolicy,
    concurrency: 16,
    now,
    monotonic: now,
    onSettled: () => {},
    onFault: (fault) => {
      throw fault;
    },
  });
  const heapMb: number[] = [];
  for (clock = pollEveryMs; clock <= days * day; clock += pollEveryMs) {
    await watcher.round(0);
    await watcher.round(0, 'approaching');
    if (clock % (5 * 60_000) === 0) watcher.beat();
    if (clock % day === 0) heapMb.push(await heldMb());
  }
  await watcher.stop(0);
  store.close();
  process.send?.({ heapMb });
}

/** What is finalized in one round of garbage collection is freed in the next. */
async function heldMb(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}
