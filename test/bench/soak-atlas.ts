/** The other end of the soak, in a process of its own: the simulator behind a faulty line. */
import { startSimulator } from '../../src/simulator/server.ts';
import { randomOf } from './random.ts';
import { type FaultCounts, startFaultyLine } from './soak-faults.ts';
import { scriptOf, soakKey, targetOf } from './soak-lives.ts';

/** What this process says: where it listens, and at the end what it did. */
export type AtlasMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | {
      readonly kind: 'counts';
      readonly byStatus: Readonly<Record<number, number>>;
      readonly faults: FaultCounts;
    };

await serve(Number(process.argv[2]));

async function serve(lives: number): Promise<void> {
  const migrations = new Map(
    Array.from({ length: lives }, (_, number) => {
      const { groupId, liveMigrationId } = targetOf(number);
      return [`${groupId}/${liveMigrationId}`, scriptOf(number)] as const;
    }),
  );
  // Nonces that die young, so that stale ones are met all the time.
  const simulator = await startSimulator({
    credentials: soakKey,
    migrations,
    nonceLifetimeMs: 500,
    usesPerNonce: 1_000,
  });
  const line = await startFaultyLine(simulator.port, randomOf(7));
  say({ kind: 'listening', port: line.port });
  process.on('message', () =>
    say({ kind: 'counts', byStatus: simulator.counts.byStatus, faults: line.counts }),
  );
  process.on('disconnect', () => process.exit());
}

function say(message: AtlasMessage): void {
  process.send?.(message);
}
