import { Agent, Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { KeptAliveClient } from './kept-alive-client.ts';

const maxBodyBytes = 1024 * 1024;
/** Longer than the interval between polls, or each poll would open a TLS connection of its own. */
const keepAliveMs = 90_000;

/** Proxies by the scheme of what is asked for, as absolute URLs; an empty text is none. */
export interface ProxySettings {
  readonly httpProxy: string;
  /** Empty: `httpProxy` is used for https as well. */
  readonly httpsProxy: string;
  /** Hosts to reach without a proxy, parted by commas. */
  readonly noProxy: string;
}

export interface DispatcherOptions {
  /** Connections at most. */
  readonly concurrency: number;
  readonly requestTimeoutMs: number;
  readonly proxy?: ProxySettings | undefined;
}

/** Makes what keeps the connections to Atlas, through a proxy where one is given. */
export function createDispatcher({ concurrency, requestTimeoutMs, proxy }: DispatcherOptions): Dispatcher {
  const options = {
    connections: concurrency,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    maxResponseSize: maxBodyBytes,
    // One request at a time on a connection: a refused nonce must not hold up the polls behind it.
    allowH2: false,
    pipelining: 1,
    factory: (origin: string | URL, given: Pool.Options) =>
      new Pool(origin, {
        ...given,
        factory: (url, each) => new KeptAliveClient(url, each),
      }),
  };
  if (proxy === undefined) return new Agent({ ...options, connect: { timeout: requestTimeoutMs } });
  return new EnvHttpProxyAgent({
    ...options,
    // All three, as undici looks into process.env for each that is left out.
    ...proxy,
    // Forwarding plain http would lose the options above; a tunnel keeps them.
    proxyTunnel: true,
    // A CONNECT that is never answered would hold up what waits for the tunnel for undici's own 5 minutes.
    clientFactory: (origin, given) =>
      tunnelsOf(new Pool(origin, { ...given, headersTimeout: requestTimeoutMs })),
  });
}

/** What undici asks for tunnels: says of the proxy's faults that they are the proxy's. */
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

/** Something failed at the proxy or on the way to it, before any byte reached Atlas. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault';
  /** What the proxy answered to CONNECT, if it did. */
  readonly status: number | undefined;

  constructor(told: { readonly status: number } | { readonly cause: unknown }) {
    super('no tunnel through the proxy', 'cause' in told ? { cause: told.cause } : {});
    this.status = 'status' in told ? told.status : undefined;
  }
}
