import { isIP } from 'node:net';
import { isLoopback } from '../config/address-schemas.ts';
import { type Reply, refusal } from './reply.ts';

/** What of a request decides whether it is looked at. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The names under which this server is asked for. */
export interface KnownHosts {
  /** What it listens on, IPv6 without brackets. */
  readonly listen: string;
  readonly allowed: readonly string[];
}

const maxUrlLength = 2_048;

/** Returns the refusal of a request that this server has no answer for, whatever it asks; else undefined. */
export function refuse({ method, url, headers }: RequestHead, hosts: KnownHosts): Reply | undefined {
  if (method !== 'GET' && method !== 'HEAD')
    return refusal(405, `This server only tells; ask with GET or HEAD, not ${method}.`, {
      headers: { allow: 'GET, HEAD', connection: 'close' },
    });
  const { host } = headers;
  if (typeof host === 'string' && !isKnownHost(host, hosts))
    return refusal(
      403,
      'The Host header does not name this server. Ask for it by its address, or add the name to http.allowedHosts.',
    );
  if ((headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined)
    return refusal(400, 'The request has a body, which nothing here takes. Leave it out.', {
      headers: { connection: 'close' },
    });
  if (url.length > maxUrlLength)
    return refusal(414, `The path is longer than the ${maxUrlLength} characters that any path here needs.`);
  return url.startsWith('/') ? undefined : refusal(400, 'The path does not begin with a slash.');
}

/**
 * Returns whether a Host header names this server. A page of somebody else's, whose name is made to resolve to this
 * machine (DNS rebinding), sends that name; an address cannot be rebound. A request without the header comes from
 * no browser.
 */
function isKnownHost(header: string, { listen, allowed }: KnownHosts): boolean {
  const [, name] = /^(\[[^\]]+\]|[^:]*?)\.?(?::\d*)?$/.exec(header.toLowerCase()) ?? [];
  if (name === undefined) return false;
  if (isLoopback(name) || name === hostOf(listen) || allowed.includes(name)) return true;
  return !isLoopback(hostOf(listen)) && isIP(name.replaceAll(/^\[|\]$/g, '')) !== 0;
}

/** As a Host header has it: lower case, IPv6 in brackets. */
function hostOf(listen: string): string {
  return listen.includes(':') ? `[${listen.toLowerCase()}]` : listen.toLowerCase();
}
