import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { ServerContext } from '../../src/server/context.ts';
import { Counters } from '../../src/server/counters.ts';
import { startHttpServer } from '../../src/server/http-server.ts';
import { SseHub } from '../../src/server/sse-hub.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { orders, start } from '../watch/sample-migrations.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The body as JSON. */
  readonly json: () => Record<string, unknown>;
}

/** One migration that was never polled, or what is given of it. */
export function watchedOrders(what: Partial<MigrationSnapshot> = {}): MigrationSnapshot {
  return { target: orders, cadence: 'default', samples: [], latest: undefined, state: undefined, ...what };
}

/** Starts the server on any free port, above an empty store and one migration, or above what is given. */
export async function serve(given: Partial<ServerContext> = {}) {
  const store = openStore(':memory:');
  const streams = new SseHub();
  const sources: ServerContext = {
    version: '1.2.3',
    instance: 'this-run',
    store,
    tally: new Counters(),
    now: () => start,
    startedAt: start,
    atlasUrl: () => 'https://cloud.mongodb.com',
    liveness: () => ({ alive: true }),
    isRoundDone: () => true,
    watched: () => [watchedOrders()],
    policy: () => ({ windowMs: 120 * 3_600_000 }),
    allowedHosts: () => [],
    publicRecord: (record: EventRecord) => record,
    redact: (data) => data,
    complain: () => {},
    ...given,
  };
  const server = await startHttpServer('127.0.0.1:0', sources, streams);
  onTestFinished(async () => {
    await server.close(0);
    store.close();
  });
  return {
    server,
    streams,
    sources,
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
