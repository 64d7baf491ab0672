import type { ServerContext } from './context.ts';
import { listEvents } from './events-api.ts';
import { createMetricsHandler } from './metrics/metrics-handler.ts';
import { eventsOf, lagOf, listMigrations, oneMigration } from './migrations-api.ts';
import { createPage } from './page.ts';
import { HttpError, json, type Reply } from './reply.ts';
import { reportOfMigration } from './report-api.ts';
import { status } from './status-api.ts';
import { createTimeline } from './timeline-api.ts';
import { Turns } from './turns.ts';

/** Path and query of a request. */
export interface RequestTarget {
  readonly pathname: string;
  readonly query: URLSearchParams;
}

/** The parts of a request that a handler needs. */
export interface RouteRequest {
  readonly query: URLSearchParams;
  /** The `{name}` of the path; empty where the path has none. */
  readonly name: string;
}

/** Answers one path. Throws an {@link HttpError} for what it refuses. */
type Handler = (context: ServerContext, request: RouteRequest) => Reply | Promise<Reply>;

/** Its answer does not end, so it is not in the table of routes. */
export const streamPath = '/api/stream';
const assetPath = '/assets/{name}';

/** Returns the function that answers every path but that of the stream. */
export function createRouter(context: ServerContext) {
  const page = createPage();
  const turns = new Turns();
  const inTurn =
    (handler: Handler): Handler =>
    (served, request) =>
      turns.take(() => handler(served, request));
  const handlers: Readonly<Record<string, Handler>> = {
    '/': page,
    [assetPath]: page,
    '/livez': livez,
    '/readyz': readyz,
    '/metrics': createMetricsHandler(),
    '/api/status': inTurn(status),
    '/api/migrations': inTurn(listMigrations),
    '/api/migrations/{name}': oneMigration,
    '/api/migrations/{name}/lag': inTurn(lagOf),
    '/api/migrations/{name}/events': inTurn(eventsOf),
    '/api/migrations/{name}/report': inTurn(reportOfMigration),
    '/api/events': inTurn(listEvents),
    '/api/timeline': inTurn(createTimeline()),
  };
  const routes = Object.entries(handlers).map(([path, handler]) => ({
    pattern: new RegExp(`^${path.replace('{name}', '([^/]+)')}$`),
    handler,
  }));
  const paths = [...Object.keys(handlers).filter((path) => path !== assetPath), streamPath];

  return async ({ pathname, query }: RequestTarget): Promise<Reply> => {
    for (const { pattern, handler } of routes) {
      const match = pattern.exec(pathname);
      if (match !== null) return await handler(context, { query, name: decode(match[1] ?? '') });
    }
    throw new HttpError(404, 'There is nothing at this path.', { fields: { paths } });
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, 'The path has a % that is no encoding. Encode names with encodeURIComponent.');
  }
}

/** `GET /livez`: whether the poll loop runs, or the one that follows the active watcher. An outage of Atlas does not count: a restart would not end it. */
function livez({ watch }: ServerContext): Reply {
  const liveness = watch.liveness();
  return json(liveness, liveness.alive ? 200 : 503);
}

/**
 * `GET /readyz`: whether the API shows current data. Every migration has been polled in this run, or a standby has read
 * the shared store just now.
 */
function readyz({ watch }: ServerContext): Reply {
  const { role } = watch.role();
  const standby = role === 'standby' ? { role } : {};
  if (watch.status().firstRoundDone) return json({ ready: true, ...standby });
  if (role === 'standby') {
    const why =
      'This standby cannot read the database of the state. watcher.state_unavailable in the log says why.';
    return json({ ready: false, ...standby, reason: why }, 503);
  }
  const all = watch.snapshots();
  const polled = all.filter(({ latest }) => latest !== undefined).length;
  const reason = `The first round is still under way: ${polled} of ${all.length} migrations have been polled.`;
  return json({ ready: false, reason }, 503);
}
