import type { AtlasError } from '../atlas/atlas-error.ts';
import { StandardOutputSink } from '../sinks/standard-output.ts';
import type { MigrationState } from '../state/migration-state.ts';
import { Recorder } from '../state/recorder.ts';
import { Fleet, type WatchedMigration } from '../watch/fleet.ts';
import { Scopes } from '../watch/outage/scopes.ts';
import { aloneRole } from '../watch/role.ts';
import { systemClock } from '../watch/schedule/poller.ts';
import { WatcherEvents } from '../watch/watcher-events.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { Notifying } from './notifying.ts';
import { Session, type SessionDependencies, type SessionSettings } from './session.ts';
import { drain } from './stdout.ts';
import { servedSettings } from './telemetry.ts';
import { headlineOf, type Kept, type RoleReader, type Term, within } from './term.ts';

/** How long a program that ends by itself waits for the receivers of notifications, in ms. */
const notifyMs = 20_000;
/** How long a stop waits for the store, in ms. */
const commitMs = 1_500;

export interface ActiveOptions {
  readonly kept: Kept;
  readonly settings: SessionSettings;
  /** Of a store that several watchers share. */
  readonly keeper?: LeaseKeeper | undefined;
  /** Called when Atlas refused the credentials. */
  readonly onRefused: () => void;
  /** Called when every migration has been polled. */
  readonly onFirstRound: () => void;
  /** Called when every migration has ended. */
  readonly onSettled: () => void;
}

/** This watcher polls and reports. */
export interface ActiveTerm extends Term {
  /** How many of the migrations are known from an earlier run. */
  readonly resumed: number;
  /** How the latest poll of each migration ended. */
  readonly latest: readonly ('read' | AtlasError)[];
  /** Resolves when receivers have had some time for everything that is known. */
  notified(): Promise<void>;
  /** Starts nothing any more, as a stop has begun. */
  startNothing(): void;
  /** Ends polls within `graceMs`, and gives receivers a moment for the last events. */
  finish(graceMs: number): Promise<void>;
  /** Stores everything, and how far it was delivered. Nothing is stored afterwards. */
  close(): Promise<void>;
  /** Ends at once, because another watcher has taken over. */
  abandon(): Promise<void>;
}

/** Everything that ends when this watcher stops, or when another one takes over. Rejects with a StateError where the store cannot be read. */
export async function openActiveTerm(options: ActiveOptions): Promise<ActiveTerm> {
  const { kept, keeper, onRefused, onFirstRound, onSettled } = options;
  const { store, output, redactor, telemetry, version, fail } = kept;
  const sink = new StandardOutputSink({ log: store, write: kept.write });
  const recorder = await Recorder.open(store, {
    sinks: [sink],
    redactor,
    onEvents: telemetry.onEvents,
    onFault: fail,
    ...(keeper !== undefined && { onFenced: keeper.fence }),
  });
  const fleet = new Fleet(new Scopes(recorder.openOutages), recorder);
  const notifying = new Notifying({
    ...kept,
    recorder,
    fleet,
    onlyCommitted: keeper !== undefined,
    maySend: () => keeper?.isTrusted ?? true,
    onFault: fail,
    session: () => session,
    headline: () => headlineOf(reader, aloneRole).text,
    onAttempt: telemetry.onAttempt,
  });
  const dependencies: SessionDependencies = {
    store,
    recorder,
    fleet,
    events: new WatcherEvents((record) => recorder.emit(record), systemClock),
    clock: systemClock,
    version,
    registerSecret: (secret) => redactor.register(secret),
    redact: (text) => redactor.text(text),
    droppedLines: () => sink.droppedLines,
    onPolled: telemetry.onPolled,
    onRequestEnd: telemetry.onRequestEnd,
    ...(keeper !== undefined && { mayPoll: keeper.mayPoll }),
    // Another watcher may ping where this one cannot know.
    onWake: () => {
      if (keeper?.isTrusted ?? true) notifying.tick();
    },
    onRefused,
    onSettled,
    onFault: fail,
  };
  let session = await Session.open(options.settings, dependencies);
  // New receivers begin behind what was there before.
  const begunAt = await store.lastPosition();
  let firstRoundDone = false;
  let isOver = false;
  let isSlow = false;
  /** Waits for the end of a commit, unless the store was too slow for an earlier one. */
  const stored = async (work: Promise<unknown>): Promise<void> => {
    isSlow = !(await within(isSlow ? 0 : commitMs, work));
  };
  const start = async (): Promise<void> => {
    const { watcher } = session;
    session.start();
    await watcher.firstRound;
    if (session.watcher !== watcher || isOver) return;
    firstRoundDone = true;
    onFirstRound();
  };
  const reader: RoleReader = {
    settings: () => servedSettings(session),
    snapshots: () => fleet.snapshots,
    openOutages: () => fleet.scopes.openScopes,
    liveness: () => session.watcher.liveness,
    status: () => ({ firstRoundDone, stateWritable: recorder.isStoreAvailable }),
    notifications: () => notifying.status,
  };
  return {
    reader,
    get settings() {
      return session.settings;
    },
    get droppedLines() {
      return sink.droppedLines;
    },
    get delivered() {
      return recorder.delivered;
    },
    get resumed() {
      return fleet.snapshots.filter(({ state }) => state !== undefined).length;
    },
    get latest() {
      const results = [...fleet.all].map((migration) =>
        resultOf(migration, recorder.state(migration.target)),
      );
      return results.filter((result) => result !== undefined);
    },
    emit: (record) => recorder.emit(record),
    deliver: () => recorder.deliver(),
    begin: () => void notifying.use(options.settings.notifications, begunAt).then(start).catch(fail),
    async apply(next) {
      // Whatever fails, fails before the old session is retired.
      const lastPosition = await store.lastPosition();
      session = await Session.open(next, dependencies, session);
      await notifying.use(next.notifications, lastPosition);
      // The end closes this session too.
      if (!isOver) void start().catch(fail);
      return session.changes;
    },
    async notified() {
      await recorder.flush();
      await drain(notifying, output, notifyMs);
    },
    startNothing() {
      isOver = true;
    },
    async finish(graceMs) {
      isOver = true;
      try {
        await session.stop(graceMs);
        await stored(recorder.flush());
      } finally {
        // What it says comes before the last line.
        await notifying.close(output);
      }
      await stored(recorder.flush());
    },
    close: () => stored(recorder.close()),
    async abandon() {
      isOver = true;
      recorder.fence();
      await Promise.all([session.stop(0), notifying.abandon()]);
    },
  };
}

/** A settled migration that Atlas has cleaned up is as good as read. */
function resultOf(
  { latest }: WatchedMigration,
  state: MigrationState | undefined,
): WatchedMigration['latest'] {
  const isGone = latest !== undefined && latest !== 'read' && latest.kind === 'not_found';
  return isGone && state?.settlement !== undefined ? 'read' : latest;
}
