import type { AtlasError } from '../atlas/atlas-error.ts';
import { type EventFields, type EventName, eventSchemaVersion } from '../events/catalogue.ts';
import { createEmitter } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import type { WatcherStatus } from '../server/context.ts';
import { StandardOutputSink } from '../sinks/standard-output.ts';
import type { MigrationState } from '../state/migration-state.ts';
import { Recorder } from '../state/recorder.ts';
import { openStore } from '../state/sqlite/store.ts';
import { StateError, type Store } from '../state/store.ts';
import { Fleet, type WatchedMigration } from '../watch/fleet.ts';
import { Scopes } from '../watch/outage/scopes.ts';
import { monotonicNow, systemClock } from '../watch/schedule/poller.ts';
import { WatcherEvents } from '../watch/watcher-events.ts';
import { writeAddressFile } from './address-file.ts';
import { watchFiles } from './file-watcher.ts';
import type { IncludeReader } from './included-files.ts';
import { Notifying } from './notifying.ts';
import { Reloader, type ReloaderOptions } from './reloader.ts';
import { Session, type SessionDependencies, type SessionSettings } from './session.ts';
import { faultFields, type ReloadRequest, type StopReason, type StopRequest } from './signals.ts';
import { drain, type StandardOutput } from './stdout.ts';
import type { ServiceManager } from './systemd/service-manager.ts';
import { Telemetry } from './telemetry.ts';

const stopGraceMs = 5_000;
/** How long the end waits for the reader of a full standard output. Slow polls shorten it, down to `drainGraceMs`. */
const drainGraceMs = 300;
const longestDrainMs = 3_000;
/** How long a program that ends by itself waits for the receivers of notifications. */
const notifyMs = 20_000;
const checkFileEveryMs = 10_000;

export interface DaemonOptions {
  readonly settings: SessionSettings;
  /** Where the daemon reloads its settings from; absent if it never does. */
  readonly reloading?: {
    readonly file: string;
    /** The content of the file when the settings were loaded. */
    readonly content: string;
    readonly included: IncludeReader;
    readonly load: ReloaderOptions['load'];
    readonly loadCredentials: ReloaderOptions['loadCredentials'];
    readonly requests: ReloadRequest;
  };
  readonly redactor: Redactor;
  readonly output: StandardOutput;
  /** Writes a sentence for people that is not part of any event. */
  readonly say: (sentence: string) => void;
  readonly stop: StopRequest;
  readonly serviceManager?: ServiceManager;
  readonly version: string;
  /** Ends after each migration has been polled once. */
  readonly once: boolean;
  /** Ends when all migrations are settled. */
  readonly exitWhenSettled: boolean;
}

export interface DaemonEnd {
  readonly reason: StopReason;
  /** How the latest poll of each migration ended. */
  readonly latest: readonly ('read' | AtlasError)[];
}

/**
 * Watches until it is asked to stop, then closes everything. Throws before the first event: a StateError if the
 * state file cannot be used, or a ListenError if the server cannot listen.
 */
export async function runDaemon(options: DaemonOptions): Promise<DaemonEnd> {
  const { state } = options.settings;
  if (state.kind !== 'file') throw new StateError('a database cannot keep the state yet.');
  const store = openStore(state.path);
  const telemetry = new Telemetry();
  const { recorder, sink } = await openRecorder(store, options, telemetry);
  try {
    return await watch({ store, recorder, sink, telemetry }, options);
  } finally {
    // Stores the cursor after the drain, so that the next run does not repeat these lines.
    await recorder.close();
  }
}

/** What outlives every session. */
interface Kept {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly sink: StandardOutputSink;
  readonly telemetry: Telemetry;
}

async function watch({ store, recorder, sink, telemetry }: Kept, options: DaemonOptions): Promise<DaemonEnd> {
  const { settings, output, stop, serviceManager, reloading, once } = options;
  const emit = <Name extends EventName>(name: Name, fields: EventFields[Name]): void =>
    recorder.emit(buildEvent(name, fields, systemClock.now()));
  const fleet = new Fleet(new Scopes(recorder.openOutages), recorder);
  let reloader: Reloader | undefined;
  let isStopping = false;
  const fail = (fault: unknown): void => stop.request({ text: 'an internal error', fault });
  /** People are notified of the last events before the program ends by itself. */
  const stopWhenNotified = async (text: string): Promise<void> => {
    await recorder.flush();
    await drain(notifying, output, notifyMs);
    stop.request({ text });
  };
  const notifying = new Notifying({
    ...options,
    store,
    recorder,
    fleet,
    onFault: fail,
    session: () => session,
    headline: () => session.headline(fleet.snapshots).text,
    onAttempt: telemetry.onAttempt,
  });
  const dependencies: SessionDependencies = {
    store,
    recorder,
    fleet,
    events: new WatcherEvents((record) => recorder.emit(record), systemClock),
    clock: systemClock,
    version: options.version,
    registerSecret: (secret) => options.redactor.register(secret),
    redact: (text) => options.redactor.text(text),
    droppedLines: () => sink.droppedLines,
    onPolled: telemetry.onPolled,
    onRequestEnd: telemetry.onRequestEnd,
    onWake: notifying.tick,
    onRefused: () => void reloader?.refreshCredentials(),
    onSettled: () => {
      if (options.exitWhenSettled) void stopWhenNotified('every migration has ended');
    },
    onFault: fail,
  };
  let session = await Session.open(settings, dependencies);
  const begunAt = await store.lastPosition();
  let firstRoundDone = false;
  let stopReloading: (() => Promise<void>) | undefined;
  const writeAddress = (address: string | undefined): void => {
    if (reloading !== undefined) writeAddressFile(store.path, reloading.file, address);
  };
  const start = async (): Promise<void> => {
    const { watcher } = session;
    session.start();
    await watcher.firstRound;
    if (session.watcher !== watcher) return;
    firstRoundDone = true;
    if (once) await stopWhenNotified('every migration has been polled once');
  };

  function begin(): void {
    writeAddress(telemetry.origin);
    emit('watcher.started', startedFields(options.version, fleet, session, telemetry.origin));
    recorder.deliver();
    void notifying.use(settings.notifications, begunAt).then(start).catch(fail);
    serviceManager?.ready({
      status: () => {
        const { text } = session.headline(fleet.snapshots);
        return reloader?.isCurrent === false ? `${text} The new configuration was rejected.` : text;
      },
      liveness: () => session.watcher.liveness,
    });
    if (reloading === undefined) return;
    reloader = new Reloader({
      ...reloading,
      current: () => session.settings,
      apply: async (next) => {
        // Whatever fails, fails before the old session is retired.
        const lastPosition = await store.lastPosition();
        session = await Session.open(next, dependencies, session);
        await notifying.use(next.notifications, lastPosition);
        // The end closes this session too.
        if (!isStopping) void start().catch(fail);
        telemetry.reloaded();
        return session.changes;
      },
      onReloaded: (fields) => emit('watcher.config_reloaded', fields),
      onRejected: (problems) => emit('watcher.config_rejected', { problems: [...problems] }),
      monotonic: monotonicNow,
    });
    stopReloading = followRequests(reloader, reloading, serviceManager);
  }

  const status = (): WatcherStatus => ({
    firstRoundDone,
    configCurrent: reloader?.isCurrent ?? true,
    stateWritable: recorder.isStoreAvailable,
  });
  const { listen } = settings.config.http;
  if (!once && listen !== false) {
    const listening = telemetry.start(listen, {
      ...options,
      store,
      fleet,
      status,
      session: () => session,
      notifications: () => notifying.status,
    });
    // A name server that does not answer does not delay a stop.
    await Promise.race([listening, stop.reason]);
  }
  try {
    begin();
  } catch (fault) {
    // Something listens from here on, and must never outlive what watches: the only way out is a stop.
    fail(fault);
  }

  const reason = await stop.reason;
  const drainUntil = monotonicNow() + stopGraceMs + drainGraceMs;
  serviceManager?.stopping(reason.text);
  emit('watcher.stopping', { reason: reason.text, ...faultFields(reason) });
  isStopping = true;
  try {
    try {
      await stopReloading?.();
      await session.stop(stopGraceMs);
      await recorder.flush();
    } finally {
      // What it says comes before the last line.
      await notifying.close(output);
    }
    await recorder.flush();
    const { droppedLines } = sink;
    emit('watcher.stopped', { reason: reason.text, ...(droppedLines > 0 && { droppedLines }) });
  } finally {
    const drainMs = Math.min(drainUntil - monotonicNow(), longestDrainMs);
    await Promise.all([drain(recorder, output, drainMs), telemetry.close(drainGraceMs)]);
    writeAddress(undefined);
  }
  const latest = [...fleet.all].map((migration) => resultOf(migration, recorder.state(migration.target)));
  return { reason, latest: latest.filter((result) => result !== undefined) };
}

/** A settled migration that Atlas has cleaned up is as good as read. */
function resultOf(
  { latest }: WatchedMigration,
  state: MigrationState | undefined,
): WatchedMigration['latest'] {
  const isGone = latest !== undefined && latest !== 'read' && latest.kind === 'not_found';
  return isGone && state?.settlement !== undefined ? 'read' : latest;
}

/** Closes the store where it cannot be read. */
async function openRecorder(
  store: Store,
  { settings, redactor, output, stop }: DaemonOptions,
  { onEvents }: Telemetry,
): Promise<Pick<Kept, 'recorder' | 'sink'>> {
  const { level, format } = settings.config.log;
  const write = createEmitter({ output, format: format === 'ecs' ? 'ecs' : 'json', level, redactor });
  const sink = new StandardOutputSink({ log: store, write });
  const recorder = await Recorder.open(store, {
    sinks: [sink],
    redactor,
    onEvents,
    onFault: (fault) => stop.request({ text: 'an internal error', fault }),
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  output.onRetry(() => recorder.deliver());
  void output.whenClosed.then(() => stop.request({ text: 'nothing reads standard output any more' }));
  return { recorder, sink };
}

/** Reloads at every SIGHUP and whenever the files change. Returns a function that stops this, as the reloader does. */
function followRequests(
  reloader: Reloader,
  { file, content, included, requests }: NonNullable<DaemonOptions['reloading']>,
  serviceManager: ServiceManager | undefined,
): () => Promise<void> {
  const reload = async (): Promise<void> => {
    serviceManager?.reloading();
    await reloader.reload('signal');
    serviceManager?.reloaded();
  };
  requests.onRequest(() => void reload());
  const watched = { path: file, content, included };
  const stopWatching = watchFiles(watched, checkFileEveryMs, () => void reloader.reload('file'));
  return () => {
    stopWatching();
    return reloader.stop();
  };
}

function startedFields(
  version: string,
  fleet: Fleet,
  session: Session,
  origin: string | undefined,
): EventFields['watcher.started'] {
  const states = fleet.snapshots.map(({ state }) => state);
  return {
    headline: session.headline(fleet.snapshots).text,
    version,
    eventSchema: eventSchemaVersion,
    migrations: states.length,
    resumed: states.filter((state) => state !== undefined).length,
    ...(origin !== undefined && { httpAddress: origin }),
  };
}
