import { isDeepStrictEqual } from 'node:util';
import type { CredentialsResult } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';
import { Session, type SessionDependencies, type SessionSettings } from '../daemon/session.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { RecordedMigration } from '../state/record.ts';
import { Recorder } from '../state/recorder.ts';
import { openStore } from '../state/sqlite/store.ts';
import type { Store } from '../state/store.ts';
import { Fleet, type MigrationSnapshot } from '../watch/fleet.ts';
import { Scopes } from '../watch/outage/scopes.ts';
import { systemClock } from '../watch/schedule/poller.ts';
import { WatcherEvents } from '../watch/watcher-events.ts';
import { readVersion } from './program-name.ts';

export interface OneShotOptions {
  readonly settings: SessionSettings;
  readonly redactor: Redactor;
  /** What a watcher has recorded: its states and lag samples are the starting point. */
  readonly recorded?: readonly RecordedMigration[];
  /** Loads the credentials again after Atlas refused them; absent if they cannot change. */
  readonly loadCredentials?: (config: Config) => Promise<CredentialsResult>;
  /** Receives the events that the daemon would emit. */
  readonly onEvents?: (records: readonly EventRecord[]) => void;
  /** Called after every poll. */
  readonly onPolled?: SessionDependencies['onPolled'];
  readonly onFault: (error: unknown) => void;
}

/** A watcher that a command runs for a while. */
export interface OneShot {
  /** What is known of each migration now, in the order of the configuration. */
  readonly snapshots: readonly MigrationSnapshot[];
  /** Resolves when each migration has been polled once; once more if refused credentials were replaced. */
  firstRound(): Promise<void>;
  /** Aborts running polls, and closes the connection. */
  close(): Promise<void>;
}

/** Many polls may be refused at once. The credentials are loaded again only once in this time. */
const refreshAtMostEveryMs = 5_000;

/**
 * Runs the daemon's watcher for a command, with a store in memory that starts from the records of a watcher. Nothing is
 * saved. Only the daemon reports deadlines. Two failures in a row are an outage here.
 */
export async function openOneShot(options: OneShotOptions): Promise<OneShot> {
  const { settings, redactor, recorded = [], loadCredentials, onFault } = options;
  const { onEvents = () => {}, onPolled = () => {} } = options;
  const store = openStore(':memory:');
  await seed(store, recorded);
  const recorder = await Recorder.open(store, { sinks: [], redactor, onEvents, onFault });
  const fleet = new Fleet(new Scopes(), recorder);
  let isClosed = false;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> = Promise.resolve();
  const dependencies: SessionDependencies = {
    store,
    recorder,
    fleet,
    events: new WatcherEvents((record) => recorder.emit(record), systemClock),
    clock: systemClock,
    version: readVersion(),
    registerSecret: (secret) => redactor.register(secret),
    redact: (text) => redactor.text(text),
    droppedLines: () => 0,
    onRequestEnd: undefined,
    onPolled,
    onRefused: () => {
      if (loadCredentials === undefined || systemClock.monotonic() - refreshedAt < refreshAtMostEveryMs)
        return;
      refreshedAt = systemClock.monotonic();
      refreshing = refresh(loadCredentials);
    },
    onSettled: () => {},
    onWake: () => {},
    onFault,
    adjustPolicy: (policy) => ({ ...policy, warnBeforeMs: [], remindEveryMs: 0, unreachableAfterMs: 0 }),
  };
  let session = await Session.open(settings, dependencies);
  session.start();

  async function refresh(load: NonNullable<typeof loadCredentials>): Promise<void> {
    const { config, credentials } = session.settings;
    const result = await load(config);
    if (!result.ok || isClosed || isDeepStrictEqual(result.credentials, credentials)) return;
    const next = { ...session.settings, credentials: result.credentials };
    session = await Session.open(next, dependencies, session);
    session.start();
  }

  return {
    get snapshots() {
      return fleet.snapshots;
    },
    async firstRound() {
      for (let current: Session | undefined; current !== session; ) {
        current = session;
        await current.watcher.firstRound;
        await refreshing;
      }
    },
    async close() {
      isClosed = true;
      await refreshing;
      await session.stop(0);
      await recorder.close();
      await store.close();
    },
  };
}

/**
 * Seeds the store with recorded states, without how they ended and without outages, so that every migration is polled.
 * Without its latest observation, the first poll counts as the first observation and reports the state.
 */
async function seed(store: Store, recorded: readonly RecordedMigration[]): Promise<void> {
  await store.commit({
    states: recorded.map(({ groupId, liveMigrationId, state }) => ({
      groupId,
      liveMigrationId,
      state: reopened(state),
    })),
    outages: [],
    samples: recorded.flatMap(({ groupId, liveMigrationId, samples }) =>
      samples.map((sample) => ({ groupId, liveMigrationId, ...sample })),
    ),
    events: [],
    cursors: [],
  });
}

/**
 * Returns a recorded state without its end, outage and latest observation. One that has ended and is retried has no
 * readiness left.
 */
export function reopened(recorded: MigrationState): MigrationState {
  const { settlement, outage: _over, observation: _latest, ...state } = recorded;
  if (settlement === undefined || settlement === 'DISAPPEARED') return state;
  const { readiness: _ready, withdrawn: _before, ...rest } = state;
  const { readyForCutover: _known, ...known } = rest.known;
  return { ...rest, known };
}
