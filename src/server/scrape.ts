import { setImmediate } from 'node:timers/promises';
import type { Metrics } from './metrics.ts';
import type { Reply } from './reply.ts';
import type { Sources } from './sources.ts';

/**
 * Returns what answers scrapes. prom-client is loaded only for those who ask for it: that takes as long as half of the
 * start. One is written at a time, and those that come meanwhile all get the next: that of many migrations takes a while.
 */
export function createScrape(): (sources: Sources) => Promise<Reply> {
  let loaded: Promise<Metrics> | undefined;
  let latest: Promise<Reply> | undefined;
  /** The latest, until it begins to be written. */
  let coming: Promise<Reply> | undefined;

  async function scrape(sources: Sources, former: Promise<Reply> | undefined): Promise<Reply> {
    loaded ??= import('./metrics.ts').then(({ createMetrics }) => createMetrics(sources));
    const metrics = await loaded;
    await former?.catch(() => {});
    await setImmediate();
    coming = undefined;
    return { status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.write() };
  }

  return (sources) => {
    latest = coming ??= scrape(sources, latest);
    return coming;
  };
}
