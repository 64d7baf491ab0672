import type { AtlasError } from '../atlas/atlas-error.ts';
import type { DigestCredentials } from '../atlas/digest-signer.ts';
import { formatDuration } from '../config/duration.ts';
import type { Config } from '../config/schema.ts';
import { type EventFields, eventSchemaVersion } from '../events/catalogue.ts';
import { createEmitter } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import { openStore } from '../state/sqlite-store.ts';
import type { Store } from '../state/store.ts';
import { cronIntervalMs, startCronSchedule } from '../watch/cron-schedule.ts';
import { Ledger } from '../watch/ledger.ts';
import type { WatchPolicy } from '../watch/poll-step.ts';
import { RateLimits } from '../watch/rate-limits.ts';
import type { Target } from '../watch/target.ts';
import { Watcher } from '../watch/watcher.ts';
import { monotonicNow } from './clock.ts';
import { connectAtlas } from './connect.ts';
import type { StandardOutput } from './output.ts';
import type { StopReason, StopRequest } from './stop-request.ts';

const stopGraceMs = 5_000;
const lookAtClockEveryMs = 1_000;

export interface DaemonOptions {
  readonly config: Config;
  readonly credentials: DigestCredentials;
  readonly redactor: Redactor;
  readonly output: StandardOutput;
  readonly stop: StopRequest;
  readonly version: string;
  /** End after one round. */
  readonly once: boolean;
  /** End when nothing is left to watch. */
  readonly exitWhenSettled: boolean;
}

export interface DaemonEnd {
  readonly reason: StopReason;
  /** How the latest poll of each migration ended. */
  readonly latest: readonly ('read' | AtlasError)[];
}

/**
 * Watches until something asks it to stop, and leaves everything closed. Throws a StateFileError, before the
 * first event, when the state file cannot be used.
 */
export async function runDaemon(options: DaemonOptions): Promise<DaemonEnd> {
  const store = openStore(options.config.state.path);
  try {
    return await watch(store, options);
  } finally {
    store.close();
  }
}

async function watch(store: Store, options: DaemonOptions): Promise<DaemonEnd> {
  const { config, credentials, redactor, output, stop, version } = options;
  const now = Date.now;
  const format = config.log.format === 'ecs' ? 'ecs' : 'json';
  const emit = createEmitter({ output, format, level: config.log.level, redactor });
  void output.whenClosed.then(() => stop.request({ text: 'the reader of standard output is gone' }));

  const targets = config.migrations;
  const ledger = new Ledger(store, emit, targets);
  const limits = new RateLimits({
    requestsPerMinute: config.atlas.requestsPerMinute,
    maxRetryAfterMs: config.retry.maxRetryAfter,
    emit,
    now,
    monotonic: monotonicNow,
  });
  const atlas = connectAtlas(config, credentials, version, {
    onRequest: (groupId) => limits.spend(groupId),
    onAttemptFailed: (groupId, error) => limits.attemptFailed(groupId, error),
  });
  const watcher = new Watcher({
    targets,
    client: atlas.client,
    ledger,
    limits,
    emit,
    policy: policyOf(config),
    concurrency: config.atlas.concurrency,
    now,
    monotonic: monotonicNow,
    onSettled: () => {
      if (options.exitWhenSettled) stop.request({ text: 'every migration is settled' });
    },
    onFault: (fault) => stop.request({ text: 'an internal error', fault }),
  });

  emit(buildEvent('watcher.started', startedFields(version, targets, ledger), now()));
  ledger.deliverLeftovers();
  ledger.prune(now());

  const { expression, approaching, timezone } = schedulesOf(config);
  const clocks = { now, monotonic: monotonicNow };
  const endTicks = options.once
    ? []
    : [
        startCronSchedule(
          expression.cron,
          timezone,
          () => watcher.tick('default', expression.intervalMs),
          clocks,
        ),
        startCronSchedule(
          approaching.cron,
          timezone,
          () => watcher.tick('approaching', approaching.intervalMs),
          clocks,
        ),
      ];
  const heartbeat = setInterval(() => {
    watcher.beat();
    ledger.prune(now());
  }, config.watch.heartbeat);
  const clock = setInterval(() => watcher.lookAtClock(), lookAtClockEveryMs);
  const firstRound = watcher.round(expression.intervalMs);
  if (options.once) void firstRound.then(() => stop.request({ text: 'the one round is done' }));

  const reason = await stop.reason;
  emit(buildEvent('watcher.stopping', { reason: reason.text, ...faultFields(reason) }, now()));
  for (const end of endTicks) end();
  clearInterval(heartbeat);
  clearInterval(clock);
  await watcher.stop(stopGraceMs);
  await atlas.close();
  emit(buildEvent('watcher.stopped', { reason: reason.text }, now()));
  return { reason, latest: watcher.latest };
}

/** A schedule for what is near readiness that is not the faster one would be no help. */
function schedulesOf({ schedule }: Config) {
  const { timezone } = schedule;
  const expression = { cron: schedule.default, intervalMs: cronIntervalMs(schedule.default, timezone) };
  const approaching = {
    cron: schedule.approaching,
    intervalMs: cronIntervalMs(schedule.approaching, timezone),
  };
  return {
    timezone,
    expression,
    approaching: approaching.intervalMs < expression.intervalMs ? approaching : expression,
  };
}

function policyOf({ cutover, schedule, watch: watching }: Config): WatchPolicy {
  return {
    windowMs: cutover.window,
    warnBeforeMs: cutover.warnBefore,
    remindEveryMs: cutover.remindEvery,
    formatDuration,
    stallAfterMs: watching.stallAfter,
    approachingLagMs: schedule.approachingLag,
    unreachableAfter: watching.unreachableAfter,
  };
}

function startedFields(
  version: string,
  targets: readonly Target[],
  ledger: Ledger,
): EventFields['watcher.started'] {
  const resumed = targets.filter((target) => ledger.state(target) !== undefined).length;
  return { version, eventSchema: eventSchemaVersion, migrations: targets.length, resumed };
}

function faultFields({ fault }: StopReason): Pick<EventFields['watcher.stopping'], 'errorType' | 'detail'> {
  return fault === undefined ? {} : { errorType: 'internal', detail: describeFault(fault) };
}

/** What nobody expected: name and place are for the report, the message may quote anything and is redacted. */
function describeFault(fault: unknown): string {
  return fault instanceof Error
    ? (fault.stack ?? fault.message).split('\n').slice(0, 4).join(' ')
    : String(fault);
}
