import { setImmediate } from 'node:timers/promises';
import type { Metrics } from './metrics.ts';
import type { Reply } from './reply.ts';
import type { Sources } from './sources.ts';

/**
 * Returns what answers scrapes. prom-client is loaded only for those who ask for it: that takes as long as half of the
 * start. Scrapes that come together get the same: the metrics of many migrations take a while to write down.
 */
export function createScrape(): (sources: Sources) => Promise<Reply> {
  let loaded: Promise<Metrics> | undefined;
  let coming: Promise<Reply> | undefined;

  async function scrape(sources: Sources): Promise<Reply> {
    loaded ??= import('./metrics.ts').then(({ createMetrics }) => createMetrics(sources));
    const metrics = await loaded;
    await setImmediate();
    coming = undefined;
    return { status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.write() };
  }

  return (sources) => {
    coming ??= scrape(sources);
    return coming;
  };
}
