import { setImmediate } from 'node:timers/promises';
import type { ServerContext } from '../context.ts';
import type { Reply } from '../reply.ts';
import type { Metrics } from './registry.ts';

/**
 * Returns what answers scrapes. prom-client is loaded only for those who ask for it: that takes as long as half of the
 * start. One is written at a time, as that of many migrations takes a while, and those that come meanwhile all get the
 * next.
 */
export function createMetricsHandler(): (sources: ServerContext) => Promise<Reply> {
  let loaded: Promise<Metrics> | undefined;
  /** The next, until it begins to be written. */
  let coming: Promise<Reply> | undefined;
  /** Resolves when the latest is written; that itself is not kept, as it may be large. */
  let written = Promise.resolve();

  async function scrape(sources: ServerContext, formerWritten: Promise<void>): Promise<Reply> {
    loaded ??= import('./registry.ts').then(({ createMetrics }) => createMetrics(sources));
    const metrics = await loaded;
    await formerWritten;
    await setImmediate();
    coming = undefined;
    return { status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.write() };
  }

  return (sources) => {
    if (coming !== undefined) return coming;
    coming = scrape(sources, written);
    written = endOf(coming);
    return coming;
  };
}

/** Resolves when the work has come to its end, well or not. */
async function endOf(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
