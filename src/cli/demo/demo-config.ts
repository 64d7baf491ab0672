import type { DemoFleet } from '../../simulator/fleet.ts';

/** Returns the configuration of the demo, as a file would have it. */
export function demoConfig(
  { migrations, readyToExpiredMs, stallAfterMs }: DemoFleet,
  baseUrl: string,
): object {
  return {
    atlas: { baseUrl, requestsPerMinute: 1000 },
    schedule: { default: '* * * * * *', approaching: '* * * * * *' },
    // In this small world Atlas gives up after seconds, not after 120 hours.
    cutover: {
      window: `${readyToExpiredMs}ms`,
      warnBefore: [`${Math.round(readyToExpiredMs / 4)}ms`],
      remindEvery: 0,
    },
    watch: { heartbeat: '15s', stallAfter: `${stallAfterMs}ms`, unreachableAfter: '1500ms' },
    // A poll that fails is over before the next one.
    retry: { attempts: 2, minDelay: '200ms', maxDelay: '200ms' },
    migrations: migrations.map(({ name, groupId, liveMigrationId, labels }) => ({
      name,
      groupId,
      liveMigrationId,
      labels,
    })),
    state: { path: ':memory:' },
    // Any free port: it may run beside a real one.
    http: { listen: '127.0.0.1:0' },
  };
}
