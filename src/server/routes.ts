import type { IncomingHttpHeaders } from 'node:http';
import { stateFaultOf } from '../state/state-fault.ts';
import type { ServerContext } from './context.ts';
import { listEvents } from './events-api.ts';
import { livez, readyz } from './health.ts';
import { createMetricsHandler } from './metrics/metrics-handler.ts';
import { eventsOf, lagOf, listMigrations, oneMigration } from './migrations-api.ts';
import { createPage, isOfPage, pagePath } from './page.ts';
import { type Reply, refusal } from './reply.ts';

/** Answers one kind of request; `name` is what the path names. */
type Handler = (sources: ServerContext, query: URLSearchParams, name: string) => Reply | Promise<Reply>;

/** Answers a path that begins with a slash and may end with a query. */
type Answer = (target: string, headers: IncomingHttpHeaders) => Promise<Reply>;

/** It is answered for as long as it lasts, so it is no path like the others. */
export const streamPath = '/api/stream';

/** Returns what answers every path but that of the stream. In a path, `{name}` stands for any one segment. */
export function createAnswer(sources: ServerContext): Answer {
  const handlers: Readonly<Record<string, Handler>> = {
    '/livez': livez,
    '/readyz': readyz,
    '/metrics': createMetricsHandler(),
    '/api/migrations': listMigrations,
    '/api/migrations/{name}': oneMigration,
    '/api/migrations/{name}/lag': lagOf,
    '/api/migrations/{name}/events': eventsOf,
    '/api/events': listEvents,
  };
  const page = createPage();
  const paths = [pagePath, ...Object.keys(handlers), streamPath];

  return async (target, headers) => {
    const { pathname, query } = splitTarget(target);
    if (isOfPage(pathname)) return await page(pathname, headers);
    const segments = decode(pathname);
    if (segments === undefined)
      return refusal(
        400,
        'The path holds a % that begins no character. Encode names as in encodeURIComponent.',
      );
    for (const [path, handler] of Object.entries(handlers)) {
      const pattern = path.split('/');
      const name = segments[pattern.indexOf('{name}')] ?? '';
      if (matches(pattern, segments)) return await unlessStoreFails(() => handler(sources, query, name));
    }
    return refusal(404, 'There is nothing at this path.', { paths });
  };
}

/** Parts a request target at its first question mark. */
export function splitTarget(target: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const [pathname = '', ...rest] = target.split('?');
  return { pathname, query: new URLSearchParams(rest.join('?')) };
}

async function unlessStoreFails(answer: () => Reply | Promise<Reply>): Promise<Reply> {
  try {
    return await answer();
  } catch (error) {
    if (stateFaultOf(error) === undefined) throw error;
    return refusal(503, 'The state file cannot be read now; watcher.state_unavailable in the log says why.');
  }
}

function decode(pathname: string): string[] | undefined {
  try {
    return pathname.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part === segments[index] || (part === '{name}' && segments[index] !== ''))
  );
}
