/**
 * A watcher in a process of its own that lives through a simulated week, a poll every 30 s of its clock, as fast as it
 * can. Each migration cannot be read for an hour of each day, and every day there is another configuration. It sends how
 * much memory it holds at the end of each day. Needs --expose-gc.
 */
import { setImmediate } from 'node:timers/promises';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { AtlasClient } from '../../src/atlas/client.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { benchPolicy, bodyOf, numberOf, targetsOf } from './bench-fleet.ts';
import { VirtualTime } from './virtual-time.ts';
import { schedulesOf, startWatch } from './watch.ts';

const day = 24 * 3_600_000;
const pollEveryMs = 30_000;
const days = 7;
const outageMs = 3_600_000;
const unavailable = new AtlasError({ kind: 'server_error', httpStatus: 503, detail: 'HTTP 503' });

const [, , statePath = '', migrations = '0'] = process.argv;
await live(statePath, Number(migrations));

async function live(path: string, count: number): Promise<void> {
  const targets = targetsOf({ id: 1, count, projects: 1 });
  const time = new VirtualTime(0);
  let polls = 0;
  const client: AtlasClient = {
    async readMigration({ liveMigrationId }) {
      polls += 1;
      const now = time.now();
      const number = numberOf(liveMigrationId);
      if ((now + number * outageMs) % day < outageMs)
        return { ok: false, attempts: 4, requests: 4, error: unavailable };
      // Ready, and not any more, at another hour each day.
      const ready = (now + number * pollEveryMs) % day > day / 2;
      const { lagTimeSeconds = 0 } = bodyOf(liveMigrationId, number, now, ready);
      const reading = { status: 'WORKING', readyForCutover: ready, lagTimeSeconds: lagTimeSeconds ?? 0 };
      return { ok: true, attempts: 1, requests: 1, reading };
    },
  };
  const write = createEmitter({
    output: { write: () => true },
    format: 'json',
    level: 'info',
    redactor: new Redactor(),
  });
  const store = openStore(path);
  const migrationPlan = { policy: benchPolicy, schedules: schedulesOf('*/30 * * * * *') };
  const watch = await startWatch(targets, {
    store,
    client,
    clock: time,
    write,
    plan: {
      planFor: () => migrationPlan,
      request: {
        apiVersion: 'v1.0',
        pollTimeoutMs: pollEveryMs,
        retry: { attempts: 1, minDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0 },
      },
      // All that one step of the clock makes due.
      concurrency: count,
      heartbeatMs: 5 * 60_000,
    },
    onFault: (mistake) => {
      throw mistake;
    },
  });
  const heapMb: number[] = [];
  const residentMb: number[] = [];
  for (let now = pollEveryMs; now <= days * day; now += pollEveryMs) {
    await time.step(pollEveryMs);
    if (now % day !== 0) continue;
    // One of them goes, and comes back the next day.
    await watch.replace(targets.slice(0, count - ((now / day) % 2)));
    heapMb.push(await heldMb());
    residentMb.push(process.memoryUsage.rss() / 2 ** 20);
  }
  await watch.stop(0);
  await watch.recorder.close();
  process.send?.({ polls, heapMb, residentMb });
}

/** What is finalized in one round of garbage collection is freed in the next. */
async function heldMb(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}
