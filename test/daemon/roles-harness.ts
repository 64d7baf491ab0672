import { onTestFinished } from 'vitest';
import { Roles } from '../../src/daemon/roles.ts';
import { Telemetry } from '../../src/daemon/telemetry.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import type { Lease, SharedStore } from '../../src/state/leased-store.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { orders } from '../state/sample-change.ts';
import { settingsOf, startAtlas } from './session-harness.ts';

const leaseMs = 30_000;
const another = { epoch: 7, holder: 'db-2 (pid 812)', remainingMs: leaseMs };

/** One watcher with a store in memory that it believes to share, and a lease that a test decides on. */
export class RolesHarness {
  /** Names of the lines that were written. */
  readonly lines: string[] = [];
  readonly records: EventRecord[] = [];
  readonly faults: unknown[] = [];
  readonly atlas: Awaited<ReturnType<typeof startAtlas>>;
  releases = 0;
  /** What the store does; a test replaces it. */
  readonly lease: { -readonly [Name in keyof Lease]: Lease[Name] } = {
    look: () => Promise.resolve(another),
    take: () => Promise.resolve({ taken: false, lease: another }),
    renew: () => Promise.resolve(),
    release: () => {
      this.releases += 1;
      return Promise.resolve();
    },
  };
  readonly store: { -readonly [Name in keyof SharedStore]: SharedStore[Name] };

  private constructor(atlas: Awaited<ReturnType<typeof startAtlas>>) {
    this.atlas = atlas;
    const file = openStore(':memory:');
    onTestFinished(() => file.close());
    this.store = {
      ...file,
      lease: this.lease,
      changesSince: async (revision) => ({ revision, states: [] }),
    };
  }

  static async start(): Promise<RolesHarness> {
    return new RolesHarness(await startAtlas());
  }

  /** Lets the lease be taken by the next attempt. */
  free(): void {
    this.lease.look = () => Promise.resolve({ epoch: 7, holder: undefined, remainingMs: 0 });
    this.lease.take = () => Promise.resolve({ taken: true, epoch: 8, after: 'free', former: undefined });
  }

  /** The same, where the holder has not renewed it. */
  expire(): void {
    const former = 'db-2 (pid 812)';
    this.lease.look = () => Promise.resolve({ epoch: 7, holder: former, remainingMs: -1 });
    this.lease.take = () => Promise.resolve({ taken: true, epoch: 8, after: 'expired', former });
  }

  settings(names: readonly string[] = ['orders']) {
    const migrations = names.map((name, index) => ({
      ...orders,
      liveMigrationId: `${index}`.padStart(24, '0'),
      name,
      labels: {},
    }));
    return settingsOf({ baseUrl: this.atlas.baseUrl, migrations });
  }

  async open(): Promise<Roles> {
    const roles = await Roles.open(
      {
        kept: {
          store: this.store,
          write: (record) => {
            this.lines.push(record.event);
            this.records.push(record);
            return true;
          },
          output: {
            write: () => true,
            whenClosed: new Promise<void>(() => {}),
            onRetry: () => {},
          },
          telemetry: new Telemetry(),
          redactor: new Redactor(),
          version: 'test',
          fail: (fault) => void this.faults.push(fault),
        },
        shared: { store: this.store, leaseMs },
        mayStandBy: true,
        onRefused: () => {},
        onFirstRound: () => {},
        onSettled: () => {},
        onChanged: () => {},
      },
      await this.settings(),
    );
    roles.begin();
    return roles;
  }
}
