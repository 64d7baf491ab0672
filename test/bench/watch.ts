import type { AtlasClient } from '../../src/atlas/client.ts';
import type { WriteEvent } from '../../src/events/emitter.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { StandardOutputSink } from '../../src/sinks/standard-output.ts';
import { Recorder } from '../../src/state/recorder.ts';
import type { Store } from '../../src/state/store.ts';
import { Fleet } from '../../src/watch/fleet.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { Scopes } from '../../src/watch/outage/scopes.ts';
import type { MigrationPlan, WatchPlan } from '../../src/watch/policy.ts';
import { createCronSchedule } from '../../src/watch/schedule/cron.ts';
import type { Clock } from '../../src/watch/schedule/poller.ts';
import { RateLimiter } from '../../src/watch/schedule/rate-limiter.ts';
import { standingPolicy } from '../../src/watch/standing.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { WatcherEvents } from '../../src/watch/watcher-events.ts';

export interface WatchOptions {
  readonly store: Store;
  readonly client: AtlasClient;
  readonly clock: Clock;
  readonly plan: WatchPlan;
  readonly write: WriteEvent;
  readonly onFault: (error: unknown) => void;
  /** A longer pause than this is not believed, in ms. Default 0. */
  readonly maxRetryAfterMs?: number;
}

/** Recorder, fleet and watcher, put together as the daemon does, around a client that is not that of a configuration. */
export interface Watch {
  readonly recorder: Recorder;
  readonly watcher: Watcher;
  /** Watches these from now on, as after a reload. */
  replace(targets: readonly Target[]): Promise<void>;
  /** Ends the polls under way, for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Returns the schedules of a plan. */
export function schedulesOf(standard: string, approaching = standard): MigrationPlan['schedules'] {
  return {
    default: createCronSchedule(standard, 'UTC'),
    approaching: createCronSchedule(approaching, 'UTC'),
  };
}

/** Starts to watch. */
export async function startWatch(targets: readonly Target[], options: WatchOptions): Promise<Watch> {
  const { store, clock, write, onFault, maxRetryAfterMs = 0 } = options;
  const sink = new StandardOutputSink({ log: store, write });
  const now = () => clock.now();
  const recorder = await Recorder.open(store, { sinks: [sink], redactor: new Redactor(), now, onFault });
  await recorder.track(targets);
  const fleet = new Fleet(new Scopes(recorder.openOutages), recorder);
  const emit = (record: Parameters<Recorder['emit']>[0]): void => recorder.emit(record);
  const events = new WatcherEvents(emit, clock);
  const limiter = new RateLimiter({ requestsPerMinute: 1e9, maxRetryAfterMs, emit, clock });
  const start = (next: readonly Target[]): Watcher => {
    fleet.replace(next, new Map());
    const watcher = new Watcher({
      standing: { policyOf: standingPolicy(options.plan), credential: 'apiKey' },
      ...options,
      recorder,
      fleet,
      events,
      limiter,
      isNewConnection: false,
      droppedLines: () => sink.droppedLines,
      onPolled: () => {},
      onRefused: () => {},
      onSettled: () => {},
      onWake: () => {},
    });
    watcher.run().catch(onFault);
    return watcher;
  };
  let watcher = start(targets);
  return {
    recorder,
    get watcher() {
      return watcher;
    },
    async replace(next) {
      await recorder.track(next);
      void watcher.retire();
      watcher = start(next);
    },
    stop: (graceMs) => watcher.stop(graceMs),
  };
}
