import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import { loadConfig } from '../../src/config/load.ts';
import { noNotifications } from '../../src/config/notification-secrets.ts';
import { memory } from '../../src/config/state-settings.ts';
import { Session, type SessionDependencies, type SessionSettings } from '../../src/daemon/session.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { Recorder } from '../../src/state/recorder.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { Fleet, type WatchedMigration } from '../../src/watch/fleet.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { Scopes } from '../../src/watch/outage/scopes.ts';
import { WatcherEvents } from '../../src/watch/watcher-events.ts';
import { BODY, KEY, listen } from '../atlas/connect.ts';
import { start } from '../watch/sample-migrations.ts';

/** Nothing is polled by this schedule within a test. */
const never = '0 0 0 1 1 *';

/** What an Atlas of a test replies for a migration: a lag, a status of HTTP, or nothing until it is released. */
export type Reply = { readonly lagTimeSeconds: number } | number | 'held';

/** An Atlas that asks for no signature; replies can be set for each migration, and held back. */
export async function startAtlas() {
  const replies = new Map<string, Reply>();
  const requests: string[] = [];
  const held: ((reply: Exclude<Reply, 'held'>) => void)[] = [];
  const sockets = new Set<Socket>();
  const underWay = new Map<string, number>();
  let mostOfOne = 0;
  const { baseUrl } = await listen((request, response) => {
    const id = request.url?.split('/').at(-1) ?? '';
    const count = (underWay.get(id) ?? 0) + 1;
    underWay.set(id, count);
    mostOfOne = Math.max(mostOfOne, count);
    response.once('close', () => underWay.set(id, (underWay.get(id) ?? 0) - 1));
    requests.push(id);
    sockets.add(request.socket);
    const reply = replies.get(id) ?? { lagTimeSeconds: 1_000 };
    if (reply === 'held') held.push((late) => answer(response, id, late));
    else answer(response, id, reply);
  });
  return {
    baseUrl,
    replies,
    /** Live migration ids, in the order of their requests. */
    requests,
    connections: () => sockets.size,
    /** The most requests for one migration that were under way at one moment. */
    mostOfOne: () => mostOfOne,
    /** Answers what is held back with a lag, or refuses the credentials. */
    release: () => {
      for (const reply of held.splice(0)) reply({ lagTimeSeconds: 1_000 });
    },
    refuse: () => {
      for (const reply of held.splice(0)) reply(401);
    },
  };
}

function answer(response: ServerResponse, id: string, reply: Exclude<Reply, 'held'>): void {
  if (typeof reply === 'number') response.writeHead(reply).end('{}');
  else response.end(JSON.stringify({ ...BODY, ...reply, _id: id }));
}

export interface Wanted {
  readonly baseUrl: string;
  /** Further keys of `atlas`. */
  readonly atlas?: Readonly<Record<string, unknown>>;
  readonly migrations: readonly Target[];
  readonly schedule?: string;
  readonly privateKey?: string;
}

/** Returns the settings of a configuration that polls by this schedule; by default nothing is polled again. */
export async function settingsOf({
  baseUrl,
  atlas = {},
  migrations,
  schedule = never,
  privateKey = KEY.privateKey,
}: Wanted): Promise<SessionSettings> {
  const text = JSON.stringify({
    atlas: { baseUrl, ...atlas },
    retry: { attempts: 1 },
    schedule: { default: schedule, approaching: schedule },
    state: { path: ':memory:' },
    migrations,
  });
  const result = await loadConfig({ file: 'test', env: {}, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(result.problems.join(' '));
  const credentials = { type: 'apiKey', ...KEY, privateKey } as const;
  return { config: result.config, credentials, notifications: noNotifications, state: memory };
}

/** One session after the other over a store in memory, on clocks that stand still but in `advance`. */
export class SessionHarness {
  readonly store = openStore(':memory:');
  readonly events: EventRecord[] = [];
  /** Names of migrations, in the order in which their polls ended. */
  readonly polled: string[] = [];
  readonly calls: ('refused' | 'settled')[] = [];
  readonly faults: unknown[] = [];
  #elapsedMs = 0;
  #running: { readonly session: Session; readonly dependencies: SessionDependencies } | undefined;

  /** Begins to watch; everything is stopped when the test ends. */
  static async start(settings: SessionSettings): Promise<SessionHarness> {
    const harness = new SessionHarness();
    const dependencies = await harness.#dependencies();
    harness.#run(await Session.open(settings, dependencies), dependencies);
    onTestFinished(async () => {
      await harness.session.stop(0);
      await harness.store.close();
    });
    return harness;
  }

  get session(): Session {
    return this.#open.session;
  }

  get fleet(): Fleet {
    return this.#open.dependencies.fleet;
  }

  migration(target: Target): WatchedMigration | undefined {
    return this.fleet.get(keyOf(target));
  }

  /** Resolves when what is due at once has been polled, and its events are committed. */
  async round(): Promise<void> {
    await this.session.watcher.firstRound;
    await this.#open.dependencies.recorder.flush();
  }

  async reload(settings: SessionSettings): Promise<void> {
    const { session, dependencies } = this.#open;
    this.#run(await Session.open(settings, dependencies, session), dependencies);
  }

  /** Lets time go by, in ms; the loop notices within a second, and at once after a reload. */
  advance(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Resolves when what was due at the last reload has been polled. */
  async idle(): Promise<void> {
    do await delay(10);
    while ([...this.fleet.all].some(({ polling }) => polling !== undefined));
  }

  get #open() {
    if (this.#running === undefined) throw new Error('Nothing runs.');
    return this.#running;
  }

  #run(session: Session, dependencies: SessionDependencies): void {
    this.#running = { session, dependencies };
    session.start();
  }

  async #dependencies(): Promise<SessionDependencies> {
    const clock = { now: () => start + this.#elapsedMs, monotonic: () => this.#elapsedMs };
    const onFault = (fault: unknown): void => void this.faults.push(fault);
    const recorder = await Recorder.open(this.store, {
      sinks: [],
      redactor: new Redactor(),
      now: clock.now,
      onEvents: (records) => this.events.push(...records),
      onFault,
    });
    return {
      store: this.store,
      recorder,
      fleet: new Fleet(new Scopes(), recorder),
      events: new WatcherEvents((record) => recorder.emit(record), clock),
      clock,
      version: 'test',
      registerSecret: () => () => {},
      redact: (text) => text,
      droppedLines: () => 0,
      onRequestEnd: undefined,
      onPolled: ({ name }) => this.polled.push(name),
      onRefused: () => this.calls.push('refused'),
      onSettled: () => this.calls.push('settled'),
      onWake: () => {},
      onFault,
    };
  }
}
