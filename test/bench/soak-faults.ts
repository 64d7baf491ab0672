import { connect, createServer, type Socket } from 'node:net';
import type { Random } from './random.ts';

const faults = ['404', '500', '429', '503', 'reset', 'half', 'slow', 'hanging'] as const;
type Fault = (typeof faults)[number];
export type FaultCounts = Readonly<Record<Fault, number>>;

/** One request in so many meets each fault. */
const oneIn = {
  404: 400,
  500: 150,
  429: 800,
  503: 1500,
  reset: 300,
  half: 300,
  slow: 200,
  hanging: 20_000,
} as const satisfies Record<Fault, number>;
/** Now and then something cannot be read for so many requests that each of its migrations fails several polls in a row. */
const outage = { every: 30_000, lasts: 8_000 } as const;
/** What cannot be read, in turns: all, one project, and two or three migrations in different projects. */
const outOfReach = [/^GET /, /^GET .*\/groups\/5+3\//, /^GET .*7f /] as const;
/** Longer than the watcher waits for a reply. */
const hangMs = 2_000;

/** A stretch of bytes between a client and the simulator, in which things go wrong at random. */
export interface FaultyLine {
  readonly port: number;
  readonly counts: FaultCounts;
}

/** Listens on loopback and passes every connection on to `simulatorPort`, whole requests and replies at a time. */
export async function startFaultyLine(simulatorPort: number, random: Random): Promise<FaultyLine> {
  const counts = { 404: 0, 500: 0, 429: 0, 503: 0, reset: 0, half: 0, slow: 0, hanging: 0 };
  let requests = 0;
  const server = createServer((client) => {
    join(client, connect(simulatorPort, '127.0.0.1'), (request) => {
      requests += 1;
      const isOutage = requests % outage.every > outage.every - outage.lasts;
      const pattern = outOfReach[Math.floor(requests / outage.every) % outOfReach.length];
      const isOut = isOutage && pattern?.test(request.toString('latin1')) === true;
      const fault = isOut ? '500' : faults.find((each) => random.chance(1 / oneIn[each]));
      if (fault !== undefined) counts[fault] += 1;
      return fault;
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, counts };
}

/** Requests and replies are small enough to come in one piece each, so that a piece is one of them. */
function join(client: Socket, server: Socket, nextFault: (request: Buffer) => Fault | undefined): void {
  client.setNoDelay();
  server.setNoDelay();
  let cut = false;
  const end = (): void => {
    client.destroy();
    server.destroy();
  };
  client.on('error', end).on('close', end);
  server.on('error', end).on('close', end);
  server.on('data', (reply: Buffer) => {
    if (!cut) client.write(reply);
    else client.end(reply.subarray(0, reply.length - 20), end);
  });
  client.on('data', (request: Buffer) => {
    // Ten requests for tokens a minute are allowed: where they fail, nothing is polled for the rest of it.
    const fault = request.toString('latin1', 0, 4) === 'POST' ? undefined : nextFault(request);
    switch (fault) {
      case 'reset':
        client.resetAndDestroy();
        break;
      case '404':
        client.write(replyOf('404 Not Found'));
        break;
      case '500':
        client.write(replyOf('500 Internal Server Error'));
        break;
      case '429':
        client.write(replyOf('429 Too Many Requests', 'Retry-After: 1\r\n'));
        break;
      case '503':
        client.write(replyOf('503 Service Unavailable', 'Retry-After: 1\r\n'));
        break;
      case 'slow':
        setTimeout(() => server.write(request), 30);
        break;
      case 'hanging':
        setTimeout(() => server.write(request), hangMs);
        break;
      case 'half':
        cut = true;
        server.write(request);
        break;
      case undefined:
        server.write(request);
    }
  });
}

function replyOf(status: string, header = ''): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\n${header}Content-Length: 6\r\n\r\nFault.`;
}
