import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * What goes wrong on a line. `silent`: nothing arrives in either direction, and comes late when the line is whole again,
 * as packets do. `mute`: only replies are held back, so that what was asked for happens. `reset`: connections are reset.
 */
export type Cut = 'silent' | 'mute' | 'reset';

/** A stretch of bytes on loopback between a program and a server, which can be cut. */
export interface Line {
  readonly port: number;
  cut(how: Cut): void;
  restore(): void;
  close(): Promise<void>;
}

/** Bytes of one direction, in their order, held back while the line is cut. */
class Direction {
  readonly #isHeld: () => boolean;
  readonly #waiting: (() => void)[] = [];

  constructor(isHeld: () => boolean) {
    this.#isHeld = isHeld;
  }

  pass(step: () => void): void {
    if (this.#isHeld()) this.#waiting.push(step);
    else step();
  }

  flush(): void {
    for (const step of this.#waiting.splice(0)) step();
  }
}

interface Pair {
  readonly sockets: readonly Socket[];
  readonly directions: readonly Direction[];
}

/** Listens on a port and passes every connection on to one of the loopback. */
export async function openLine(to: number, host = '127.0.0.1'): Promise<Line> {
  let state: Cut | 'whole' = 'whole';
  const pairs = new Set<Pair>();

  const join = (client: Socket): void => {
    if (state === 'reset') {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    client.setNoDelay();
    const there = new Direction(() => state === 'silent');
    const back = new Direction(() => state === 'silent' || state === 'mute');
    let server: Socket | undefined;
    const pair: Pair = {
      get sockets() {
        return server === undefined ? [client] : [client, server];
      },
      directions: [there, back],
    };
    pairs.add(pair);
    there.pass(() => {
      server = connect({ port: to, host: '127.0.0.1', noDelay: true });
      server
        .on('data', (bytes: Buffer) => back.pass(() => void (client.destroyed || client.write(bytes))))
        .on('error', () => {})
        // Of a server that is gone, the client hears as of all else.
        .on('close', () => back.pass(() => client.destroySoon()));
    });
    client
      .on('data', (bytes: Buffer) => there.pass(() => void (server?.destroyed || server?.write(bytes))))
      .on('error', () => {})
      .on('close', () =>
        there.pass(() => {
          server?.destroySoon();
          pairs.delete(pair);
        }),
      );
  };
  const listener = createServer(join).listen(0, host);
  await once(listener, 'listening');
  const address = listener.address();
  const destroyAll = (): void => {
    for (const { sockets } of pairs) for (const socket of sockets) socket.destroy();
    pairs.clear();
  };

  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut(how) {
      state = how;
      if (how !== 'reset') return;
      for (const { sockets } of pairs) for (const socket of sockets) socket.resetAndDestroy();
      pairs.clear();
    },
    restore() {
      state = 'whole';
      for (const { directions } of pairs) for (const direction of directions) direction.flush();
    },
    async close() {
      state = 'reset';
      destroyAll();
      listener.close();
      await once(listener, 'close');
    },
  };
}
