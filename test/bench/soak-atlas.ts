/** The world around the soak, in a process of its own: the simulator behind a faulty line, and who locks the state file. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startSimulator } from '../../src/simulator/server.ts';
import { randomOf } from './random.ts';
import { type FaultCounts, startFaultyLine } from './soak-faults.ts';
import { scriptOf, soakAccount, soakKey, targetOf } from './soak-lives.ts';
import { startLocking } from './soak-locks.ts';

/** What this process says: where it listens, and at the end what it did. */
export type AtlasMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | {
      readonly kind: 'counts';
      readonly byStatus: Readonly<Record<number, number>>;
      readonly faults: FaultCounts;
      readonly tokens: number;
      readonly locks: number;
    }
  /** How long the event loop of this process, which has little to do, was held up at most since the lap before. */
  | { readonly kind: 'lap'; readonly loopMaxMs: number };

/** What this process is asked for. */
export type AtlasQuestion = Exclude<AtlasMessage['kind'], 'listening'>;

/** With the life of a token this makes fewer token requests than Atlas allows. */
const revokeEveryMs = 25_000;

const [, , lives, statePath = ''] = process.argv;
await serve(Number(lives), statePath);

async function serve(count: number, path: string): Promise<void> {
  const migrations = new Map(
    Array.from({ length: count }, (_, number) => {
      const { groupId, liveMigrationId } = targetOf(number);
      return [`${groupId}/${liveMigrationId}`, scriptOf(number)] as const;
    }),
  );
  // Nonces that die young, so that stale ones are met all the time.
  const simulator = await startSimulator({
    credentials: soakKey,
    serviceAccount: { ...soakAccount, tokenLifetimeMs: 30_000 },
    migrations,
    nonceLifetimeMs: 500,
    usesPerNonce: 1_000,
  });
  const line = await startFaultyLine(simulator.port, randomOf(7));
  const locking = startLocking(path, randomOf(13));
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  setInterval(() => simulator.revokeTokens(), revokeEveryMs).unref();
  say({ kind: 'listening', port: line.port });
  process.on('message', (question: AtlasQuestion) => {
    if (question === 'lap') {
      say({ kind: 'lap', loopMaxMs: loop.max / 1e6 });
      return loop.reset();
    }
    say({
      kind: 'counts',
      byStatus: simulator.counts.byStatus,
      faults: line.counts,
      tokens: simulator.tokenCounts.token,
      locks: locking.count,
    });
  });
  process.on('disconnect', () => process.exit());
}

function say(message: AtlasMessage): void {
  process.send?.(message);
}
