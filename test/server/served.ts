import { get, request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { ServerContext, WatcherStatus, WatchReader } from '../../src/server/context.ts';
import { Counters } from '../../src/server/counters.ts';
import { startHttpServer } from '../../src/server/http-server.ts';
import { SseHub } from '../../src/server/sse-hub.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { LagSample, Store } from '../../src/state/store.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { noSamples } from '../../src/watch/migration/lag-samples.ts';
import { aloneRole } from '../../src/watch/role.ts';
import { batchOf } from '../state/sample-change.ts';
import { orders, play, start } from '../watch/sample-migrations.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The body as JSON. */
  readonly json: () => Record<string, unknown>;
}

/** One migration that was never polled, or what is given of it. */
export function watchedOrders(what: Partial<MigrationSnapshot> = {}): MigrationSnapshot {
  return {
    target: orders,
    cadence: 'default',
    samples: noSamples,
    latest: undefined,
    state: undefined,
    ...what,
  };
}

/** A migration that was copied when it was last read, at `start`. */
export const copied: MigrationState = {
  rememberedSince: start,
  firstObservedAt: start,
  observation: { lagTimeSeconds: 42, observedAt: start },
  known: { status: 'WORKING', readyForCutover: false },
  notFoundInARow: 0,
  reportedStatuses: [],
};

/** What the first poll of orders leaves where it is ready: its events among that. */
export function firstPoll() {
  const { state, events } = play([{ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 }]);
  if (state === undefined) throw new Error('A poll leaves a state.');
  return { state, events };
}

/** Stores the first poll of orders, with these lag samples. */
export async function storeFirstPoll(store: Store, samples: readonly LagSample[] = []): Promise<void> {
  const { groupId, liveMigrationId } = orders;
  const { state, events } = firstPoll();
  await store.commit(
    batchOf({
      states: [{ groupId, liveMigrationId, state }],
      events,
      samples: samples.map((sample) => ({ groupId, liveMigrationId, ...sample })),
    }),
  );
}

/** What a test serves instead of the defaults. */
export interface Given
  extends Partial<Omit<ServerContext, 'version' | 'watch'>>,
    Partial<Pick<WatchReader, 'snapshots' | 'openOutages' | 'liveness' | 'notifications' | 'role'>> {
  readonly status?: () => Partial<WatcherStatus>;
  /** `http.title`. */
  readonly title?: string;
}

export const viewPolicy = {
  windowMs: 120 * 3_600_000,
  unreachableAfterMs: 90_000,
  intervalsMs: { default: 30_000, approaching: 5_000 },
};

const nobody = { receivers: [], pingTakenAt: undefined };

/** Starts the server on any free port, with an empty store and one migration, or with what is given. */
export async function serve(given: Given = {}) {
  const { snapshots = () => [watchedOrders()], liveness = () => ({ alive: true }), ...others } = given;
  const {
    openOutages = () => [],
    notifications = () => nobody,
    role = () => aloneRole,
    status,
    title,
    ...rest
  } = others;
  const well = { firstRoundDone: true, configCurrent: true, stateWritable: true };
  const store = openStore(':memory:');
  const streams = new SseHub();
  const context: ServerContext = {
    version: '1.2.3',
    startedAt: start,
    now: () => start,
    counters: new Counters(),
    store,
    watch: {
      settings: () => ({
        atlasUrl: 'https://cloud.mongodb.com',
        credential: 'apiKey' as const,
        allowedHosts: [],
        title,
        policyOf: () => viewPolicy,
      }),
      snapshots,
      openOutages,
      liveness,
      status: () => ({ ...well, ...status?.() }),
      role,
      notifications,
    },
    redact: { event: (record) => record, data: (data) => data },
    warn: () => {},
    ...rest,
  };
  const server = await startHttpServer('127.0.0.1:0', context, streams);
  onTestFinished(async () => {
    await server.close(0);
    await store.close();
  });
  return {
    server,
    streams,
    context,
    store,
    ask: (path: string, how?: Asked) => ask(server.origin, path, how),
  };
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends one request over a connection of its own and resolves with the whole answer. */
export function ask(origin: string, path: string, { body, ...how }: Asked = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const sent = request({ host: hostname, port, path, agent: false, ...how }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      reply.once('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          headers: reply.headers,
          body: text,
          json: () => JSON.parse(text) as Record<string, unknown>,
        }),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Returns a whole reply, as it came. */
export function fetchRaw(address: string, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; body: Buffer }>(
    (resolve, reject) => {
      get(address, { agent: false, headers }, (reply) => {
        const parts: Buffer[] = [];
        reply.on('data', (part: Buffer) => parts.push(part));
        reply.once('end', () =>
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(parts) }),
        );
      }).once('error', reject);
    },
  );
}
