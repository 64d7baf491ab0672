/** The simulated Atlas of the bench, in a process of its own, which counts what each fleet asks of it. */
import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { startSimulator } from '../../src/simulator/server.ts';
import { benchKey, bodyOf, type Fleet, fleetIdOf, targetsOf } from './bench-fleet.ts';
import { isReady, type Readiness } from './readiness.ts';

/** What a fleet has asked for so far. */
export interface FleetCounts {
  readonly requests: number;
  readonly connections: number;
  /** Both ways, as HTTP has them. */
  readonly bytes: number;
}

export type AtlasOrder =
  | { readonly kind: 'counts'; readonly fleet: number }
  /** Arrivals of admitted requests since the last time, as pairs of a migration's number and ms since 1970. */
  | { readonly kind: 'arrivals'; readonly fleet: number }
  /** When the first request since the last time came, admitted or not, in ms since 1970; null when none has. */
  | { readonly kind: 'first'; readonly fleet: number }
  | { readonly kind: 'readiness'; readonly fleet: number; readonly readiness: Readiness }
  /** From now on every poll of the fleet is answered with HTTP 500, or no poll any more. */
  | { readonly kind: 'outage'; readonly fleet: number; readonly lasts: boolean };

interface Counters {
  requests: number;
  endedBytes: number;
  connections: number;
  readonly sockets: Set<Socket>;
  arrivals: number[];
  firstAt: number | null;
  readiness: Readiness | undefined;
  failing: boolean;
}

/** What the simulator is started with. */
export interface AtlasSetting {
  readonly fleets: readonly Fleet[];
  readonly replyDelayMs: number;
}

const [, , setting = ''] = process.argv;
await serve(JSON.parse(setting) as AtlasSetting);

async function serve({ fleets, replyDelayMs }: AtlasSetting): Promise<void> {
  const tallies = new Map(fleets.map(({ id }) => [id, newTally()]));
  countRequests(tallies);
  const migrations = new Map(
    fleets.flatMap((fleet) =>
      targetsOf(fleet).map(({ groupId, liveMigrationId }, number) => {
        const tally = tallyOf(tallies, fleet.id);
        const script = (at: number) => {
          tally.arrivals.push(number, at);
          if (tally.failing) throw new Error('an outage');
          return bodyOf(liveMigrationId, number, at, isReady(tally.readiness, number, at));
        };
        return [`${groupId}/${liveMigrationId}`, script] as const;
      }),
    ),
  );
  const { port } = await startSimulator({ credentials: benchKey, migrations, replyDelayMs, now });

  process.on('message', (order: AtlasOrder) => {
    const tally = tallyOf(tallies, order.fleet);
    switch (order.kind) {
      case 'counts':
        process.send?.(countsOf(tally));
        break;
      case 'arrivals':
        process.send?.(tally.arrivals);
        tally.arrivals = [];
        break;
      case 'first':
        process.send?.({ firstAt: tally.firstAt });
        tally.firstAt = null;
        break;
      case 'readiness':
        tally.readiness = order.readiness;
        process.send?.({});
        break;
      case 'outage':
        tally.failing = order.lasts;
        process.send?.({});
    }
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
}

function countRequests(tallies: ReadonlyMap<number, Counters>): void {
  channel('http.server.request.start').subscribe((message) => {
    const { request, socket } = message as { request: IncomingMessage; socket: Socket };
    const [, groupId = ''] = /\/groups\/([0-9a-f]{24})\//.exec(request.url ?? '') ?? [];
    const tally = tallyOf(tallies, fleetIdOf(groupId));
    tally.requests += 1;
    tally.firstAt ??= now();
    if (tally.sockets.has(socket)) return;
    tally.connections += 1;
    tally.sockets.add(socket);
    socket.once('close', () => {
      tally.sockets.delete(socket);
      tally.endedBytes += bytesOf(socket);
    });
  });
}

function tallyOf(tallies: ReadonlyMap<number, Counters>, fleet: number): Counters {
  const tally = tallies.get(fleet);
  if (tally === undefined) throw new Error(`There is no fleet ${fleet}.`);
  return tally;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function newTally(): Counters {
  return {
    requests: 0,
    endedBytes: 0,
    connections: 0,
    sockets: new Set(),
    arrivals: [],
    firstAt: null,
    readiness: undefined,
    failing: false,
  };
}

function countsOf({ requests, connections, endedBytes, sockets }: Counters): FleetCounts {
  const bytes = sockets.values().reduce((sum, socket) => sum + bytesOf(socket), endedBytes);
  return { requests, connections, bytes };
}

function bytesOf({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
