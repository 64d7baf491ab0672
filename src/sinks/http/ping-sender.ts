import { AtlasError } from '../../atlas/atlas-error.ts';
import { quote, type Redact } from '../../atlas/quote.ts';
import { createTransport } from '../../atlas/transport.ts';
import type { PingSettings } from '../../config/sink-settings.ts';
import { faultOutcome, stopped } from '../fault.ts';
import type { PingSender } from '../ping.ts';

/** Services that expect pings answer fast; a ping that waits longer is late anyway. In ms. */
const timeoutMs = 10_000;
const longestQuote = 200;

/** What healthchecks answers, with status 200, where it has no such check. */
const unknownCheck = /^\s*OK \(not found\)/;

const remedy = 'Check ping.url (or ping.urlFile), and whether the service still expects this ping.';

export interface PingSenderOptions {
  readonly version: string;
  /** Removes all secrets that the program knows from a text. */
  readonly redact: Redact;
}

/** Returns a sender of pings to the host of the settings. Only replies from 200 to 299 count. */
export function createPingSender(settings: PingSettings, { version, redact }: PingSenderOptions): PingSender {
  const { origin, hostname, host } = new URL(settings.url);
  const transport = createTransport({
    baseUrl: origin,
    userAgent: `cutover-watch/${version}`,
    peer: hostname,
    concurrency: 1,
    requestTimeoutMs: timeoutMs,
    proxy: settings.proxy,
    redact,
  });
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(settings.token !== undefined && { authorization: `Bearer ${settings.token}` }),
  };
  return {
    async send({ url, body }, signal) {
      const { pathname, search } = new URL(url);
      try {
        const reply = await transport.post(pathname + search, body, headers, signal);
        const { status } = reply;
        const isTaken = status >= 200 && status < 300 && !unknownCheck.test(reply.body);
        if (isTaken) return { result: 'delivered', answer: `HTTP ${status}`, remedy: '', status };
        const said = quote(reply, reply.body, longestQuote);
        const answer = `HTTP ${status}${said === undefined ? '' : `: ${said}`}`;
        return { result: 'failed', answer, remedy, status };
      } catch (error) {
        if (signal.aborted) return stopped;
        const fault =
          error instanceof AtlasError
            ? error
            : new AtlasError({ kind: 'internal', detail: 'The ping could not be made or sent.' });
        return faultOutcome(fault, host);
      }
    },
    close: () => transport.close(),
  };
}
