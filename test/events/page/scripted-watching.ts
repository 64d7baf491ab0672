import { vi } from 'vitest';
import { createAtlasClient } from '../../../src/atlas/client.ts';
import type { HttpReply } from '../../../src/atlas/http-reply.ts';
import type { Transport } from '../../../src/atlas/transport.ts';
import { limitHooks } from '../../../src/daemon/connection.ts';
import type { Emit } from '../../../src/events/emitter.ts';
import { openStore } from '../../../src/state/sqlite-store.ts';
import type { Store } from '../../../src/state/store.ts';
import { Ledger } from '../../../src/watch/ledger.ts';
import type { Target } from '../../../src/watch/migration/target.ts';
import { RateLimiter } from '../../../src/watch/schedule/rate-limiter.ts';
import { Watcher } from '../../../src/watch/watcher.ts';
import { minute, policy } from '../../watch/sample-migrations.ts';

/** What Atlas says of a migration: a whole reply, or nothing for longer than the time between two polls. */
export type Reply = HttpReply | 'silence';

const silenceMs = minute + 20_000;
const pollTimeoutMs = 2 * minute;
const statePath = '/var/lib/cutover-watch/state.db';
const diskFull = Object.assign(new Error('database or disk is full'), { errcode: 13 });

// Looked up at every call: the clocks are replaced by fake ones.
const now = (): number => Date.now();
const monotonic = (): number => performance.now();
const unused = () => Promise.reject(new Error('Nothing but polls is scripted.'));

/** The watcher over replies by hand and a store that can be full, on the fake clock of the test. */
export function scriptedWatching(targets: readonly Target[], emit: Emit) {
  const replies = new Map<string, Reply>();
  const disk = { full: false };
  const limits = new RateLimiter({
    requestsPerMinute: 90,
    maxRetryAfterMs: 5 * minute,
    emit,
    now,
    monotonic,
  });
  const ledger = new Ledger(storeOn(disk), emit, targets, { now });
  const client = createAtlasClient({
    apiVersion: 'v1.0',
    pollTimeoutMs,
    retry: { attempts: 1, minDelayMs: 1_000, maxDelayMs: 30_000, maxRetryAfterMs: 5 * minute },
    transport: transportOf(replies),
    authenticator: { perform: (_request, send) => send(undefined) },
    now,
    random: () => 0.5,
    ...limitHooks(limits),
  });
  const watcher = new Watcher({
    targets,
    client,
    ledger,
    limits,
    emit,
    policy,
    concurrency: 16,
    now,
    monotonic,
    onSettled: () => {},
    onFault: (fault) => {
      throw fault;
    },
  });
  return {
    disk,
    watcher,
    say: ({ liveMigrationId }: Target, reply: Reply) => replies.set(liveMigrationId, reply),
    /** Lets minutes go by, at the beginning of each of which everything is polled. */
    watch: async (minutes = 1): Promise<void> => {
      for (let passed = 0; passed < minutes; passed += 1) {
        watcher.tick('default', minute);
        watcher.tick('approaching', minute);
        await vi.advanceTimersByTimeAsync(minute);
      }
    },
  };
}

function transportOf(replies: ReadonlyMap<string, Reply>): Transport {
  return {
    async get(path) {
      const reply = replies.get(path.split('/').at(-1) ?? '');
      if (reply === 'silence') await new Promise((spoken) => void setTimeout(spoken, silenceMs));
      if (reply === undefined || reply === 'silence') return { status: 503, headers: {}, body: '' };
      return reply;
    },
    postForm: unused,
    close: unused,
  };
}

/** A store in memory that claims to be a file, and whose disk can be full. */
function storeOn(disk: { readonly full: boolean }): Store {
  const real = openStore(':memory:');
  const commit: Store['commit'] = (batch) => {
    if (disk.full) throw diskFull;
    return real.commit(batch);
  };
  return new Proxy(real, {
    get(_, name) {
      if (name === 'path') return statePath;
      if (name === 'commit') return commit;
      const member: unknown = Reflect.get(real, name, real);
      return typeof member === 'function' ? (member.bind(real) as unknown) : member;
    },
  });
}
