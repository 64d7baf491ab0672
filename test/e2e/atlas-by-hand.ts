import { onTestFinished } from 'vitest';
import type { MigrationBody } from '../../src/simulator/scripts.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import { apiKey } from './program.ts';

export const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';

/** Returns the id number `n` of a migration. */
export function migrationId(n: number): string {
  return (0x7e68e12770616 + n).toString(16).padStart(24, '0');
}

export interface AtlasByHand {
  readonly simulator: Simulator;
  /** Sets what Atlas says of migration number `n` from now on; undefined is a 404. */
  say(n: number, body: MigrationBody | undefined): void;
}

/** A simulated Atlas whose migrations stand still until the test moves them. */
export async function startAtlas(options: Partial<SimulatorOptions> = {}): Promise<AtlasByHand> {
  const simulator = await startSimulator({ credentials: apiKey, migrations: new Map(), ...options });
  onTestFinished(() => simulator.close());
  return {
    simulator,
    say(n, body) {
      const id = migrationId(n);
      simulator.setScript(`${groupId}/${id}`, () => (body === undefined ? undefined : { _id: id, ...body }));
    },
  };
}

/** The configuration that watches the first `count` migrations of an Atlas once a second. */
export function configFor(baseUrl: string, count = 1): Record<string, object> {
  return {
    atlas: { baseUrl, requestsPerMinute: 10_000, requestTimeout: '20s', pollTimeout: '40s' },
    retry: { attempts: 2, minDelay: '50ms', maxDelay: '100ms' },
    schedule: { default: '* * * * * *', approaching: '* * * * * *' },
    migrations: Array.from({ length: count }, (_, n) => ({
      name: `m${n}`,
      groupId,
      liveMigrationId: migrationId(n),
    })),
  };
}
