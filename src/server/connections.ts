import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps the connections of a server at `most`. Where one more comes, the one that has been idle longest makes room
 * for it, so that nobody who only holds connections keeps a probe out. A connection has one request at a time: one
 * that asks again before it has been answered is destroyed, as Node.js would answer all that fit into one packet,
 * thousands, before it does anything else. To be called before anything else listens for requests.
 */
export function limitConnections(server: Server, most: number): void {
  const busy = new Set<Socket>();
  /** Longest idle first. */
  const idle = new Set<Socket>();

  server.on('connection', (socket: Socket) => {
    socket.once('close', () => {
      busy.delete(socket);
      idle.delete(socket);
    });
    if (busy.size + idle.size >= most) {
      const [longest = socket] = idle;
      longest.destroy();
      if (longest === socket) return;
      idle.delete(longest);
    }
    idle.add(socket);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (busy.has(socket)) socket.destroy();
    if (socket.destroyed) return;
    idle.delete(socket);
    busy.add(socket);
    response.once('close', () => {
      if (busy.delete(socket) && !socket.destroyed) idle.add(socket);
    });
  });
}
