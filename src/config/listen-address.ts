import { isIP } from 'node:net';

/** Where a server listens. Port 0 is any free one. */
export interface ListenAddress {
  /** A name or an address, IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where the server listens by default. */
export const usualListen = '127.0.0.1:9464';

/** Reads `host:port` or `[address]:port`; returns undefined for other text. A host of digits and dots must be an address. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, address, name = '', port] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) return undefined;
  if (address === undefined && /^[\d.]+$/.test(name) && isIP(name) === 0) return undefined;
  if (address !== undefined && isIP(address) !== 6) return undefined;
  return { host: address ?? name, port: Number(port) };
}

/** Returns the address as the beginning of a URL, to which a path can be added. */
export function httpOrigin({ host, port }: ListenAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
