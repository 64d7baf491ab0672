import type { AtlasError } from '../atlas/atlas-error.ts';
import { type EventFields, type EventName, eventSchemaVersion } from '../events/catalogue.ts';
import { createEmitter } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import type { WatchReader } from '../server/context.ts';
import { monotonicNow, systemClock } from '../watch/schedule/poller.ts';
import { writeAddressFile } from './address-file.ts';
import { watchFiles } from './file-watcher.ts';
import type { IncludeReader } from './included-files.ts';
import { type OpenStore, openStore } from './open-store.ts';
import { Reloader, type ReloaderOptions } from './reloader.ts';
import { Roles } from './roles.ts';
import type { SessionSettings } from './session.ts';
import { faultFields, type ReloadRequest, type StopReason, type StopRequest } from './signals.ts';
import { drain, type StandardOutput } from './stdout.ts';
import type { ServiceManager } from './systemd/service-manager.ts';
import { Telemetry } from './telemetry.ts';
import { headlineOf, within } from './term.ts';

const stopGraceMs = 5_000;
/** How long the end waits for the reader of a full standard output. Slow polls shorten it, down to `drainGraceMs`. */
const drainGraceMs = 300;
const longestDrainMs = 3_000;
const checkFileEveryMs = 10_000;
/** How long a stop waits for a reload that is under way, in ms: a database may not answer it. */
const reloadMs = 1_000;

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
 * Watches until it is asked to stop, then closes everything. Throws before the first event: a StateError if the state
 * cannot be used, or a ListenError if the server cannot listen.
 */
export async function runDaemon(options: DaemonOptions): Promise<DaemonEnd> {
  const telemetry = new Telemetry();
  const { store, shared } = await openStore(options.settings.state, telemetry.onCommit, options.say);
  try {
    return await watch({ store, shared, telemetry }, options);
  } finally {
    await store.close();
  }
}

async function watch(
  { store, shared, telemetry }: OpenStore & { readonly telemetry: Telemetry },
  options: DaemonOptions,
): Promise<DaemonEnd> {
  const { settings, output, redactor, stop, serviceManager, version, reloading, once } = options;
  const { listen } = settings.config.http;
  const { level, format } = settings.config.log;
  const fail = (fault: unknown): void => stop.request({ text: 'an internal error', fault });
  let reloader: Reloader | undefined;
  /** People are notified of the last events before the program ends by itself. */
  const stopWhenNotified = async (text: string): Promise<void> => {
    await roles.active?.notified();
    stop.request({ text });
  };
  let opened: Roles | undefined;
  // What a former run has left in the log is written while the roles open.
  const isUnfenced = (): boolean => opened?.isUnfenced ?? false;
  const write = createEmitter({
    output,
    format: format === 'ecs' ? 'ecs' : 'json',
    level,
    redactor,
    ...(shared !== undefined && { isUnfenced }),
  });
  const roles = await Roles.open(
    {
      kept: { store, write, output, telemetry, redactor, version, fail },
      shared,
      mayStandBy: !once,
      onRefused: () => void reloader?.refreshCredentials(),
      onFirstRound: () => {
        if (once) void stopWhenNotified('every migration has been polled once').catch(fail);
      },
      onSettled: () => {
        if (options.exitWhenSettled) void stopWhenNotified('every migration has ended').catch(fail);
      },
      onChanged: () => telemetry.allChanged(),
    },
    settings,
  );
  opened = roles;
  const emit = <Name extends EventName>(name: Name, fields: EventFields[Name]): void =>
    roles.term.emit(buildEvent(name, fields, systemClock.now()));
  let stopReloading: (() => Promise<void>) | undefined;
  const writeAddress = (address: string | undefined): void => {
    if (reloading !== undefined && shared === undefined)
      writeAddressFile(store.path, reloading.file, address);
  };

  function begin(): void {
    output.onRetry(() => roles.term.deliver());
    void output.whenClosed.then(() => stop.request({ text: 'nothing reads standard output any more' }));
    writeAddress(telemetry.origin);
    emit('watcher.started', startedFields(version, roles, telemetry.origin));
    roles.term.deliver();
    roles.begin();
    serviceManager?.ready({
      status: () => {
        const { text } = headlineOf(roles.term.reader, roles.view);
        return reloader?.isCurrent === false ? `${text} The new configuration was rejected.` : text;
      },
      liveness: () => roles.term.reader.liveness(),
    });
    if (reloading === undefined) return;
    reloader = new Reloader({
      ...reloading,
      current: () => roles.term.settings,
      apply: async (next) => {
        const changes = await roles.apply(next);
        telemetry.allChanged();
        return changes;
      },
      onReloaded: (fields) => emit('watcher.config_reloaded', fields),
      onRejected: (problems) => emit('watcher.config_rejected', { problems: [...problems] }),
      monotonic: monotonicNow,
    });
    stopReloading = followRequests(reloader, reloading, serviceManager);
  }

  try {
    if (!once && listen !== false) {
      const listening = telemetry.start(listen, {
        ...options,
        store,
        watch: shownBy(roles, () => reloader?.isCurrent ?? true),
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
    roles.startNothing();
    try {
      try {
        if (stopReloading !== undefined) await within(reloadMs, stopReloading());
      } finally {
        await roles.finish(stopGraceMs);
      }
      const { droppedLines } = roles.term;
      emit('watcher.stopped', { reason: reason.text, ...(droppedLines > 0 && { droppedLines }) });
    } finally {
      const drainMs = Math.min(drainUntil - monotonicNow(), longestDrainMs);
      await Promise.all([drain(roles.term, output, drainMs), telemetry.close(drainGraceMs)]);
      writeAddress(undefined);
    }
    return { reason, latest: roles.active?.latest ?? [] };
  } finally {
    // Stores the cursor after the drain, so that the next run does not repeat these lines.
    await roles.close();
  }
}

/** What the server shows, whatever the role is at the moment. */
function shownBy(roles: Roles, isConfigCurrent: () => boolean): WatchReader {
  return {
    settings: () => roles.term.reader.settings(),
    snapshots: () => roles.term.reader.snapshots(),
    openOutages: () => roles.term.reader.openOutages(),
    liveness: () => roles.term.reader.liveness(),
    status: () => ({ ...roles.term.reader.status(), configCurrent: isConfigCurrent() }),
    role: () => roles.view,
    notifications: () => roles.term.reader.notifications(),
  };
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
  { term: { reader }, view }: Roles,
  origin: string | undefined,
): EventFields['watcher.started'] {
  const states = reader.snapshots().map(({ state }) => state);
  return {
    headline: headlineOf(reader, view).text,
    version,
    eventSchema: eventSchemaVersion,
    migrations: states.length,
    resumed: states.filter((state) => state !== undefined).length,
    ...(origin !== undefined && { httpAddress: origin }),
  };
}
