import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectTo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listenOn } from './connect.ts';

export interface ConnectProxy {
  readonly port: number;
  /** Without a login. */
  readonly url: string;
  /** What was asked for with CONNECT, `host:port` each. */
  readonly tunnels: readonly string[];
  /** The `Proxy-Authorization` of each. */
  readonly logins: readonly (string | undefined)[];
}

/** What a proxy does with a CONNECT: opens the tunnel to this port of the loopback interface, answers, or says nothing. */
export type Treatment = { readonly to: number } | { readonly status: number } | 'silence' | 'close';

/** Starts an HTTP proxy that knows nothing but CONNECT, until the end of the test. */
export async function startConnectProxy(treat: (nth: number) => Treatment): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const logins: (string | undefined)[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    tunnels.push(request.url ?? '');
    logins.push(request.headers['proxy-authorization']);
    client.on('error', () => {});
    const treatment = treat(tunnels.length);
    if (treatment === 'silence') return;
    if (treatment === 'close') return void client.destroy();
    if ('status' in treatment) {
      client.end(`HTTP/1.1 ${treatment.status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const upstream = connectTo(treatment.to, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    onTestFinished(() => void upstream.destroy());
  });
  const port = await listenOn(server);
  return { port, url: `http://127.0.0.1:${port}`, tunnels, logins };
}
