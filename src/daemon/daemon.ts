import type { AtlasError } from '../atlas/atlas-error.ts';
import { type EventFields, eventSchemaVersion } from '../events/catalogue.ts';
import { createEmitter, type Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import { openStore } from '../state/sqlite-store.ts';
import type { Store } from '../state/store.ts';
import { Ledger } from '../watch/ledger.ts';
import type { Target } from '../watch/migration/target.ts';
import { writeAddressFile } from './address-file.ts';
import { monotonicNow } from './clock.ts';
import { watchFile } from './file-watcher.ts';
import { Telemetry } from './http.ts';
import { createReloader, type ReloaderOptions } from './reloader.ts';
import { Session, type SessionSettings } from './session.ts';
import type { ReloadRequest, StopReason, StopRequest } from './signals.ts';
import type { StandardOutput } from './stdout.ts';
import { drain } from './stdout.ts';
import type { ServiceManager } from './systemd/service-manager.ts';
import { statusLine } from './systemd/status-line.ts';

const stopGraceMs = 5_000;
/** How long the reader of a full standard output is waited for at the end: shorter when polls took their time. */
const drainGraceMs = 300;
const longestDrainMs = 3_000;
const lookAtFileEveryMs = 10_000;

export interface DaemonOptions {
  readonly settings: SessionSettings;
  /** Where other settings may come from while the daemon runs. */
  readonly reloading?: {
    readonly file: string;
    /** What the file held when the settings were loaded. */
    readonly content: string;
    readonly load: ReloaderOptions['load'];
    readonly loadCredentials: ReloaderOptions['loadCredentials'];
    readonly requests: ReloadRequest;
  };
  readonly redactor: Redactor;
  readonly output: StandardOutput;
  /** Where sentences for people go, about what no event tells. */
  readonly say: (sentence: string) => void;
  readonly stop: StopRequest;
  /** Told how the daemon is, where one wants to know. */
  readonly serviceManager?: ServiceManager;
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
 * Watches until something asks it to stop, and leaves everything closed. Throws, before the first event, a
 * StateFileError when the state file cannot be used, and a ListenError when the server cannot listen.
 */
export async function runDaemon(options: DaemonOptions): Promise<DaemonEnd> {
  const store = openStore(options.settings.config.state.path);
  try {
    return await watch(store, options);
  } finally {
    store.close();
  }
}

async function watch(store: Store, options: DaemonOptions): Promise<DaemonEnd> {
  const { settings, redactor, output, say, stop, serviceManager, version } = options;
  const { http, log, migrations } = settings.config;
  const now = Date.now;
  const format = log.format === 'ecs' ? 'ecs' : 'json';
  const write = createEmitter({ output, format, level: log.level, redactor });
  void output.whenClosed.then(() => stop.request({ text: 'the reader of standard output is gone' }));

  const serving = new Telemetry();
  const ledger = new Ledger(store, write, migrations, {
    defer,
    ...serving.ledgerHooks,
  });
  const emit: Emit = (record) => ledger.say(record);
  output.onWritable(() => ledger.deliver());
  const watching = new Session(settings, {
    ledger,
    emit,
    redactor,
    version,
    now,
    onSettled: () => {
      if (options.exitWhenSettled) stop.request({ text: 'every migration is settled' });
    },
    onFault: (fault) => stop.request({ text: 'an internal error', fault }),
    onRefused: () => void reloader?.refreshCredentials(),
    ...serving.watchingHooks,
  });
  const { listen } = http;
  if (!options.once && listen !== false)
    await serving.start(listen, { watching, store, redactor, version, now, say });
  const { reloading } = options;
  const leaveWord = (whereabouts: typeof serving.whereabouts): void => {
    if (reloading !== undefined) writeAddressFile(store.path, reloading.file, whereabouts);
  };
  leaveWord(serving.whereabouts);
  const reloader =
    reloading &&
    createReloader({
      load: reloading.load,
      loadCredentials: reloading.loadCredentials,
      current: () => watching.settings,
      apply: (next) => watching.reconfigure(next),
      emit,
      now,
    });

  const started = startedFields(version, migrations, ledger, serving.origin);
  emit(buildEvent('watcher.started', started, now()));
  ledger.deliverLeftovers();
  ledger.prune(now());

  if (!options.once) watching.schedule();
  const firstRound = watching.round();
  void firstRound.then(() => serving.roundDone());
  if (options.once) void firstRound.then(() => stop.request({ text: 'the one round is done' }));
  const status = (): string => {
    const { migrations: targets, cutover } = watching.settings.config;
    const states = targets.map((target) => ledger.state(target));
    return statusLine(states, cutover.window, now());
  };
  serviceManager?.ready({ status, liveness: () => watching.liveness() });
  const reload = async (): Promise<void> => {
    serviceManager?.reloading();
    await reloader?.reload();
    serviceManager?.reloaded();
  };
  reloading?.requests.onRequest(() => void reload());
  const endLooking =
    reloading &&
    watchFile(reloading.file, reloading.content, lookAtFileEveryMs, () => void reloader?.followFile());

  const reason = await stop.reason;
  const drainUntil = monotonicNow() + stopGraceMs + drainGraceMs;
  serviceManager?.stopping(reason.text);
  emit(buildEvent('watcher.stopping', { reason: reason.text, ...faultFields(reason) }, now()));
  endLooking?.();
  reloader?.stop();
  await watching.stop(stopGraceMs);
  ledger.writeBack();
  const { droppedLines } = ledger;
  const stopped = { reason: reason.text, ...(droppedLines > 0 && { droppedLines }) };
  emit(buildEvent('watcher.stopped', stopped, now()));
  const drainMs = Math.min(drainUntil - monotonicNow(), longestDrainMs);
  await Promise.all([drain(ledger, output, drainMs), serving.close(drainGraceMs)]);
  // What was written since then is not to be written again by the next run.
  ledger.writeBack();
  leaveWord(undefined);
  return { reason, latest: watching.watcher.latest };
}

/** A timer of 0 ms waits for 1; what is still to come when all else has ended was written back at the stop. */
function defer(work: () => void, delayMs: number): void {
  if (delayMs === 0) setImmediate(work);
  else setTimeout(work, delayMs).unref();
}

function startedFields(
  version: string,
  targets: readonly Target[],
  ledger: Ledger,
  origin: string | undefined,
): EventFields['watcher.started'] {
  const resumed = targets.filter((target) => ledger.state(target) !== undefined).length;
  return {
    version,
    eventSchema: eventSchemaVersion,
    migrations: targets.length,
    resumed,
    ...(origin !== undefined && { httpAddress: origin }),
  };
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
