import { vi } from 'vitest';
import { createAtlasClient } from '../../../src/atlas/client.ts';
import type { HttpReply, Transport } from '../../../src/atlas/transport.ts';
import { planOf } from '../../../src/daemon/plan.ts';
import type { Emit } from '../../../src/events/emitter.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { Recorder } from '../../../src/state/recorder.ts';
import { describeFault } from '../../../src/state/sqlite/errors.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import type { Store } from '../../../src/state/store.ts';
import { Fleet } from '../../../src/watch/fleet.ts';
import type { Target } from '../../../src/watch/migration/target.ts';
import { Scopes } from '../../../src/watch/outage/scopes.ts';
import { RateLimiter } from '../../../src/watch/schedule/rate-limiter.ts';
import { standingPolicy } from '../../../src/watch/standing.ts';
import { Watcher } from '../../../src/watch/watcher.ts';
import { WatcherEvents } from '../../../src/watch/watcher-events.ts';
import { type Wish, withRequests } from '../../state/store-with-requests.ts';
import { hour, minute } from '../../watch/sample-migrations.ts';
import { load, settingsOf } from './loaded.ts';

/** How Atlas answers for a migration: with a whole reply, or with nothing for longer than the time between two polls. */
export type Reply = HttpReply | 'silence';

const silenceMs = minute + 20_000;
const statePath = '/var/lib/cutover-watch/state.db';
const diskFull = describeFault(
  Object.assign(new Error('database or disk is full'), { errcode: 13 }),
  statePath,
);

const unused = () => Promise.reject(new Error('Nothing but polls is scripted.'));
const fail = (fault: unknown): never => {
  throw fault;
};

/** The watcher over scripted replies and a store whose disk can be full, on the fake clock of the test. */
export async function scriptedWatching(migrations: readonly Target[], emit: Emit) {
  // Waits between attempts follow no fake timer.
  const content = { migrations, atlas: { pollTimeout: '2m' }, retry: { attempts: 1 } };
  const { config } = settingsOf(await load(content));
  const replies = new Map<string, Reply>();
  const disk = { full: false };
  let skippedMs = 0;
  const clock = { now: () => Date.now() + skippedMs, monotonic: () => performance.now() + skippedMs };
  const { store, leave } = withRequests(storeOn(disk));
  const recorder = await Recorder.open(store, {
    sinks: [],
    redactor: new Redactor(),
    now: clock.now,
    defer: (work, delayMs) => void setTimeout(work, delayMs),
    onEvents: (records) => records.forEach(emit),
    onFault: fail,
  });
  await recorder.track(migrations);
  const fleet = new Fleet(new Scopes(), recorder);
  fleet.replace(migrations, new Map());
  const watcher = new Watcher({
    standing: { policyOf: standingPolicy(planOf(config)), credential: 'apiKey' },
    plan: planOf(config),
    client: createAtlasClient({
      transport: transportOf(replies),
      authenticator: { perform: (_request, send) => send(undefined) },
      now: clock.now,
      random: () => 0.5,
    }),
    limiter: new RateLimiter({
      requestsPerMinute: config.atlas.requestsPerMinute,
      maxRetryAfterMs: config.retry.maxRetryAfter,
      emit: (record) => recorder.emit(record),
      clock,
    }),
    isNewConnection: true,
    recorder,
    fleet,
    clock,
    events: new WatcherEvents((record) => recorder.emit(record), clock),
    droppedLines: () => 0,
    onPolled: () => {},
    onRefused: () => {},
    onSettled: () => {},
    onWake: () => {},
    onFault: fail,
  });
  return {
    disk,
    /** Begins to poll; the returned promise ends with the watcher. */
    begin: () => watcher.run(),
    say: ({ liveMigrationId }: Target, reply: Reply) => void replies.set(liveMigrationId, reply),
    /** Has a command taken up that is given now. */
    ask: (target: Target, wish: Wish) => leave(target, clock.now(), { author: 'anna', ...wish }),
    now: clock.now,
    /** Lets minutes go by. */
    watch: (minutes = 1) => vi.advanceTimersByTimeAsync(minutes * minute),
    /** Lets hours go by, with polls in the last minute of each one. */
    skip: async (hours: number): Promise<void> => {
      for (let passed = 0; passed < hours; passed += 1) {
        skippedMs += hour - minute;
        await vi.advanceTimersByTimeAsync(minute);
      }
    },
    end: async (): Promise<void> => {
      await watcher.stop(0);
      await recorder.close();
    },
  };
}

function transportOf(replies: ReadonlyMap<string, Reply>): Transport {
  return {
    async get(path) {
      const id = path.split('/').at(-1) ?? '';
      const reply = replies.get(id);
      if (reply === 'silence') await new Promise((resolve) => void setTimeout(resolve, silenceMs));
      if (reply === undefined || reply === 'silence') return { status: 503, headers: {}, body: '' };
      if (reply.status !== 200) return reply;
      return { ...reply, body: JSON.stringify({ _id: id, ...JSON.parse(reply.body) }) };
    },
    postForm: unused,
    post: unused,
    close: unused,
  };
}

/** A store in memory that claims to be a file, and whose disk can be full. */
function storeOn(disk: { readonly full: boolean }): Store {
  const store = openStore(':memory:');
  return {
    ...store,
    path: statePath,
    commit: (batch) => (disk.full ? Promise.reject(diskFull) : store.commit(batch)),
  };
}
