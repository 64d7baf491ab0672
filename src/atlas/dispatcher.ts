import { Agent, Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { createConnector } from './connector.ts';
import { KeptAliveClient } from './kept-alive-client.ts';

/** Maximum size of a body, in bytes. */
export const maxBodyBytes = 1024 * 1024;
/** The parsers of header values expect no more. `NODE_OPTIONS` could change the default of Node.js. */
const maxHeaderBytes = 16 * 1024;
/** Longer than the interval between polls. Otherwise each poll would open a new TLS connection. */
const keepAliveMs = 90_000;

/** Proxies by the scheme of the request, as absolute URLs; an empty text means none. */
export interface ProxySettings {
  readonly httpProxy: string;
  /** If empty, `httpProxy` is used for https too. */
  readonly httpsProxy: string;
  /** Hosts to reach without a proxy, separated by commas. */
  readonly noProxy: string;
}

export interface DispatcherOptions {
  /** Maximum number of connections. */
  readonly concurrency: number;
  readonly requestTimeoutMs: number;
  readonly proxy?: ProxySettings | undefined;
}

/** The connections to Atlas. */
export interface Connections {
  readonly dispatcher: Dispatcher;
  /** Ends all connections at once, including those that are still being established. */
  close(): Promise<void>;
}

/** Returns the dispatcher that keeps the connections to Atlas, through a proxy if one is given. */
export function openConnections({ concurrency, requestTimeoutMs, proxy }: DispatcherOptions): Connections {
  const connector = createConnector({ timeoutMs: requestTimeoutMs });
  const newPool = (origin: string | URL, given: Pool.Options): Pool => {
    // Within a proxy agent, connecting means opening a tunnel.
    const connect = typeof given.connect === 'function' ? given.connect : connector.connect;
    return new Pool(origin, { ...given, factory: (url, each) => new KeptAliveClient(url, each, connect) });
  };
  const options = {
    connections: concurrency,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    maxResponseSize: maxBodyBytes,
    maxHeaderSize: maxHeaderBytes,
    // One request at a time per connection: a refused nonce must not delay the polls behind it.
    allowH2: false,
    pipelining: 1,
    connect: connector.connect,
    factory: newPool,
  };
  const dispatcher =
    proxy === undefined
      ? new Agent(options)
      : new EnvHttpProxyAgent({
          ...options,
          // All three: undici reads process.env for each missing one.
          ...proxy,
          // Without a tunnel, undici ignores the options above for plain http.
          proxyTunnel: true,
          // Limits the TLS handshake within a tunnel.
          connectTimeout: requestTimeoutMs,
          clientFactory: (origin, given) => {
            // Otherwise requests would wait for an unanswered CONNECT for undici's default of 5 minutes.
            const limits = { headersTimeout: requestTimeoutMs, maxHeaderSize: maxHeaderBytes };
            return tunnelsOf(newPool(origin, { ...given, ...limits, connect: connector.connect }));
          },
        });
  return {
    dispatcher,
    async close() {
      const destroyed = dispatcher.destroy();
      // undici leaves alone what it does not use yet: a connection attempt, and a TLS handshake in a tunnel.
      connector.close();
      await destroyed;
    },
  };
}

/** Wraps the pool that undici uses for tunnels. Its faults become a {@link ProxyFault}. */
function tunnelsOf(pool: Pool): Dispatcher {
  const connect = async (options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    const reply = await pool.connect(options).catch((cause: unknown) => {
      throw new ProxyFault({ cause });
    });
    if (reply.statusCode === 200) return reply;
    reply.socket.on('error', () => {}).destroy();
    throw new ProxyFault({ status: reply.statusCode });
  };
  return Object.assign(new Dispatcher(), {
    connect,
    close: () => pool.close(),
    destroy: () => pool.destroy(),
  });
}

/** A fault at the proxy or on the way to it, before any byte reached Atlas. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault';
  /** HTTP status of the reply to CONNECT; undefined without a reply. */
  readonly status: number | undefined;

  constructor(fault: { readonly status: number } | { readonly cause: unknown }) {
    super('no tunnel through the proxy', 'cause' in fault ? { cause: fault.cause } : {});
    this.status = 'status' in fault ? fault.status : undefined;
  }
}
