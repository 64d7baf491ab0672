import { setImmediate } from 'node:timers/promises';
import type { ServerContext } from '../context.ts';
import type { Reply } from '../reply.ts';
import type { Metrics } from './registry.ts';

/**
 * Returns the handler of scrapes. prom-client takes half as long to load as the program takes to start, so it is loaded
 * at the first scrape. One reply is written at a time, because that of many migrations takes a while; the scrapes that arrive
 * meanwhile share the next one.
 */
export function createMetricsHandler(): (context: ServerContext) => Promise<Reply> {
  let loaded: Promise<Metrics> | undefined;
  /** The next reply, until the writing of it begins. */
  let next: Promise<Reply> | undefined;
  /** Resolves when the latest reply is written. The reply itself is not kept, because it may be large. */
  let written = Promise.resolve();

  async function scrape(context: ServerContext, previousWritten: Promise<void>): Promise<Reply> {
    loaded ??= import('./registry.ts').then(({ createMetrics }) => createMetrics(context));
    const metrics = await loaded;
    await previousWritten;
    await setImmediate();
    next = undefined;
    return { status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.write() };
  }

  return (context) => {
    if (next !== undefined) return next;
    next = scrape(context, written);
    written = settled(next);
    return next;
  };
}

/** Resolves when the work has ended, with success or not. */
async function settled(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
