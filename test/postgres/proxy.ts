import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** What is between a watcher and its database: it forwards everything until it is asked for trouble. */
export interface Proxy {
  /** Returns the URL of a database as seen through the proxy. */
  through(url: string): string;
  /**
   * From now on, replies of the server are swallowed. `reached` resolves when the next one comes: by then, the server has
   * done what it was asked for.
   */
  swallowReplies(): { readonly reached: Promise<void> };
  /** From now on, nothing is forwarded, and no connection is closed: the network has vanished. */
  freeze(): void;
  /**
   * From now on, requests wait in the proxy. `deliver` hands the first one to the server, even if its connection is gone,
   * and resolves to when the server has replied.
   */
  holdRequests(): { readonly deliver: () => Promise<void> };
  /** Lets new connections work, and leaves the others as they are. */
  letThrough(): void;
  /** Ends the connections. */
  cut(): void;
  /** Ends the connections and lets new ones work. */
  heal(): void;
  close(): Promise<void>;
}

/** Starts a proxy before a server on the loopback. */
export async function startProxy(port: number): Promise<Proxy> {
  let mode: 'working' | 'swallowing' | 'frozen' | 'holding' = 'working';
  const held: { readonly far: Socket; readonly data: Buffer }[] = [];
  let onReply: (() => void) | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        if (mode !== 'frozen' && !held.some(({ far: waiting }) => waiting === other)) other.destroy();
      });
    }
    near.on('data', (data) => {
      if (mode === 'holding') held.push({ far, data });
      else if (mode !== 'frozen') far.write(data);
    });
    far.on('data', (data) => {
      if (mode === 'working') near.write(data);
      else onReply?.();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    through(url) {
      const seen = new URL(url);
      seen.port = String(own);
      return seen.href;
    },
    swallowReplies() {
      const { promise, resolve } = Promise.withResolvers<void>();
      onReply = resolve;
      mode = 'swallowing';
      return { reached: promise };
    },
    freeze() {
      mode = 'frozen';
    },
    holdRequests() {
      mode = 'holding';
      return {
        async deliver() {
          const [request] = held;
          if (request === undefined) throw new Error('there was no request');
          const replied = once(request.far, 'data');
          for (const { far, data } of held) if (far === request.far) far.write(data);
          await replied;
        },
      };
    },
    letThrough() {
      mode = 'working';
    },
    cut,
    heal() {
      cut();
      mode = 'working';
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
