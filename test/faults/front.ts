import { connect as connectTo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { listenOn } from '../atlas/connect.ts';
import type { Certificate } from '../atlas/private-authority.ts';

/** What becomes of a connection: it is led to Atlas, or it meets its fault. */
export type Treat = (client: Socket) => void;

/** A port that the program takes for Atlas, whose ways can change while it runs. */
export interface Front {
  readonly port: number;
  /** Treats connections in this way from now on, and cuts those that are open. */
  treat(treat: Treat): void;
  /** Gives the port up, so that connections to it are refused. */
  leave(): void;
  /** Listens on the same port again. */
  comeBack(): Promise<void>;
}

export async function startFront(first: Treat): Promise<Front> {
  let current = first;
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const make = () =>
    createServer((client) => {
      sockets.add(client);
      client.on('error', () => {}).once('close', () => sockets.delete(client));
      current(client);
    });
  let server = make();
  const port = await listenOn(server);
  onTestFinished(() => {
    server.close();
    cut();
  });
  return {
    port,
    treat(treat) {
      current = treat;
      cut();
    },
    leave() {
      server.close();
      cut();
    },
    async comeBack() {
      server = make();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
      await promise;
    },
  };
}

/** Leads connections on to a port of this machine. */
export function leadTo(port: number): Treat {
  return (client) => {
    const upstream = connectTo(port, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    client.once('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  };
}

/** Answers TLS with this certificate, and passes on what comes out of it. */
export function leadThroughTls(certificate: Certificate, port: number): Treat {
  const tls = createTlsServer(certificate, leadTo(port));
  // A certificate that is refused is the client's business.
  tls.on('tlsClientError', () => {});
  return (client) => void tls.emit('connection', client);
}

/** A TCP connection that ends with RST as soon as something comes. */
export const reset: Treat = (client) => void client.once('data', () => client.resetAndDestroy());

/** A TCP connection that is taken and ended. */
export const closeAtOnce: Treat = (client) => void client.destroy();

/** A TCP connection on which nothing is ever said. */
export const saySilence: Treat = (client) => void client.resume();
