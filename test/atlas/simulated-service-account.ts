import { onTestFinished } from 'vitest';
import * as server from '../../src/simulator/server.ts';
import type { ServiceAccount } from '../../src/simulator/token-endpoint.ts';
import { BODY, ID, KEY } from './connect.ts';

export type { ServiceAccount };

/** A simulated Atlas that knows one service account and one migration, until the end of the test. */
export async function startSimulator(
  serviceAccount: ServiceAccount,
  now: () => number,
): Promise<server.Simulator> {
  const migrations = new Map([[`${ID.groupId}/${ID.liveMigrationId}`, () => BODY]]);
  const simulator = await server.startSimulator({ credentials: KEY, serviceAccount, migrations, now });
  onTestFinished(() => simulator.close());
  return simulator;
}
