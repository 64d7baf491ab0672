import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../config/address-schemas.ts';
import { HttpError } from './reply.ts';
import { unknownHost } from './unknown-host.ts';

/** The names under which this server answers. */
export interface KnownHosts {
  /** The host it listens on, IPv6 without brackets. */
  readonly listen: string;
  readonly allowed: readonly string[];
}

/** Throws an {@link HttpError} for a request that is not answered at any path. */
export function checkRequest(
  { method, headersDistinct }: Pick<IncomingMessage, 'method' | 'headersDistinct'>,
  hosts: KnownHosts,
): void {
  const { host: [host, other] = [] } = headersDistinct;
  if (method !== 'GET' && method !== 'HEAD')
    throw new HttpError(405, `This server is read-only. Use GET or HEAD instead of ${method}.`, {
      headers: { allow: 'GET, HEAD', connection: 'close' },
    });
  // RFC 9112, 3.2. A proxy before this server may have looked at another one.
  if (other !== undefined) throw new HttpError(400, 'The request has two Host headers. Send one.');
  if (host === undefined) return;
  const name = nameIn(host);
  if (name === undefined || !isKnownHost(name, hosts)) throw unknownHost(host, name);
}

/** Returns the name in a Host header, in lower case, IPv6 in brackets; undefined where the header is not valid. */
function nameIn(header: string): string | undefined {
  return /^(\[[^\]]+\]|[^:]*?)\.?(?::\d*)?$/.exec(header.toLowerCase())?.[1];
}

/**
 * Returns whether the name in a Host header is one of this server. With DNS rebinding, a foreign page makes its own name resolve to
 * this machine, and the browser sends that name; an address cannot be rebound. A request without the header comes
 * from no browser.
 */
function isKnownHost(name: string, { listen, allowed }: KnownHosts): boolean {
  if (isLoopback(name) || name === hostOf(listen) || allowed.includes(name)) return true;
  return !isLoopback(hostOf(listen)) && isIP(name.replaceAll(/^\[|\]$/g, '')) !== 0;
}

/** Returns a host as the Host header has it: lower case, IPv6 in brackets. */
function hostOf(listen: string): string {
  return listen.includes(':') ? `[${listen.toLowerCase()}]` : listen.toLowerCase();
}
