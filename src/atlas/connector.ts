import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, connect as openTcp, type Socket } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import { startDeadline, untilAborted } from './abort.ts';

/** The delay that RFC 8305 §5 recommends. */
const attemptDelayMs = 250;
/** A name may resolve to any number of addresses. */
const maxAddresses = 16;

/** Opens connections, and knows all that are open. */
export interface Connector {
  readonly connect: buildConnector.connector;
  /** Ends all connections at once, including those that are still being established. */
  close(): void;
}

export interface ConnectorOptions {
  /** Limits the name lookup and the TCP connection together, and then the TLS handshake, in ms. */
  readonly timeoutMs: number;
  /** Returns the addresses of a host name, the preferred one first. Default: asks the operating system. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

/**
 * Returns a connector that tries the addresses of a host in parallel (RFC 8305 §5): an attempt starts when the one
 * before has failed, or has lasted 250 ms, and no attempt ends before the time is up. The first connection is used.
 * Node.js gives an attempt 250 ms and then drops it: over a slow path it connects to no address but the last.
 */
export function createConnector({ timeoutMs, resolve = addressesOf }: ConnectorOptions): Connector {
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  const startTls = buildConnector({ timeout: timeoutMs, allowH2: false });

  const open = (host: string, port: number): Socket => {
    const socket = openTcp({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };

  const openFirst = callbackify(async (hostname: string, port: number): Promise<Socket> => {
    const deadline = startDeadline(closing.signal, timeoutMs);
    try {
      const addresses = await untilAborted(resolve(hostname), deadline.signal);
      const attempts = alternate(addresses)
        .slice(0, maxAddresses)
        .map(
          ({ address }) =>
            () =>
              open(address, port),
        );
      return await firstConnected(attempts, deadline.signal);
    } finally {
      deadline.release();
    }
  });

  return {
    connect(options, callback) {
      const isSecure = options.protocol === 'https:';
      const port = Number(options.port) || (isSecure ? 443 : 80);
      openFirst(options.hostname, port, (error, socket) => {
        if (error !== null) callback(error, null);
        else if (isSecure) startTls({ ...options, httpSocket: socket }, callback);
        else callback(null, socket);
      });
    },
    close() {
      closing.abort(new Error('the connections are closed'));
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function addressesOf(hostname: string): Promise<readonly LookupAddress[]> {
  const family = isIP(hostname);
  return family === 0 ? await lookup(hostname, { all: true }) : [{ address: hostname, family }];
}

/** Returns the addresses so that the families take turns, each in its order (RFC 8305 §4). */
export function alternate(addresses: readonly LookupAddress[]): LookupAddress[] {
  const isPreferred = ({ family }: LookupAddress): boolean => family === addresses[0]?.family;
  const preferred = addresses.filter(isPreferred);
  const other = addresses.filter((address) => !isPreferred(address));
  return addresses.flatMap((_, turn) => [preferred[turn], other[turn]].filter((each) => each !== undefined));
}

/**
 * Returns the first socket that connects, and destroys the others. Throws the error of a single attempt, an
 * AggregateError if all of several fail, and `signal.reason` when the signal aborts.
 */
export async function firstConnected(
  attempts: readonly (() => Socket)[],
  signal: AbortSignal,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const sockets: Socket[] = [];
  const errors: Error[] = [];
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const startNext = (): void => {
    clearTimeout(timer);
    const attempt = attempts[sockets.length];
    if (attempt === undefined || over) return;
    const socket = attempt();
    sockets.push(socket);
    socket.once('connect', () => resolve(socket));
    // Stays for the life of the socket: an error without a listener would end the program.
    socket.on('error', (error) => {
      errors.push(error);
      if (errors.length < attempts.length) startNext();
      else reject(errors.length === 1 ? error : new AggregateError(errors, 'no address could be reached'));
    });
    timer = setTimeout(startNext, attemptDelayMs);
  };
  startNext();
  let connected: Socket | undefined;
  try {
    connected = await untilAborted(promise, signal);
    return connected;
  } finally {
    over = true;
    clearTimeout(timer);
    for (const socket of sockets) if (socket !== connected) socket.destroy();
  }
}
