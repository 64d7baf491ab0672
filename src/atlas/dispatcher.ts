import { Agent, Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { KeptAliveClient } from './kept-alive-client.ts';

const maxBodyBytes = 1024 * 1024;
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

/** Returns the dispatcher that keeps the connections to Atlas, through a proxy if one is given. */
export function createDispatcher({ concurrency, requestTimeoutMs, proxy }: DispatcherOptions): Dispatcher {
  const options = {
    connections: concurrency,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    maxResponseSize: maxBodyBytes,
    // One request at a time per connection: a refused nonce must not delay the polls behind it.
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
    // All three: undici reads process.env for each missing one.
    ...proxy,
    // Without a tunnel, undici ignores the options above for plain http.
    proxyTunnel: true,
    // Otherwise requests would wait for an unanswered CONNECT for undici's default of 5 minutes.
    clientFactory: (origin, given) =>
      tunnelsOf(new Pool(origin, { ...given, headersTimeout: requestTimeoutMs })),
  });
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
