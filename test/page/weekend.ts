import { keyOf } from '../../src/atlas/migration-resource.ts';
import type { EventFields, EventName } from '../../src/events/catalogue.ts';
import { buildEvent } from '../../src/events/event-record.ts';
import type { WatcherStatus } from '../../src/server/context.ts';
import { Counters } from '../../src/server/counters.ts';
import type { LagSample } from '../../src/state/store.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { isoTime } from '../../src/watch/migration/event-draft.ts';
import { collectSamples } from '../../src/watch/migration/lag-samples.ts';
import { sampleFields } from '../events/sample-events.ts';
import { type Given, serve } from '../server/served.ts';
import { hour } from '../watch/sample-migrations.ts';
import { lagSamples, type SampleMigration, watchedOf, weekend } from './fleet.ts';

/** Serves migrations that change only when the test changes them. */
export async function serveWeekend(
  migrations: readonly SampleMigration[] = weekend,
  status: Partial<WatcherStatus> = {},
  given: Pick<Given, 'liveness' | 'role'> = {},
) {
  const now = Date.now();
  let watched: readonly MigrationSnapshot[] = watchedOf(migrations, now);
  const counters = new Counters();
  counters.poll(undefined, 120);
  const served = await serve({
    now: Date.now,
    startedAt: now - 83 * hour,
    counters,
    snapshots: () => watched,
    status: () => status,
    ...given,
  });
  /** Keeps the latest stored samples in memory, as a watcher does. */
  const keepLatest = (name: string, samples: readonly LagSample[]): void => {
    watched = watched.map((one) =>
      one.target.name === name ? { ...one, samples: collectSamples(samples.slice(-30)) } : one,
    );
  };
  /** Changes one migration without a word to the streams. */
  const hide = (name: string, migration: Partial<SampleMigration>): void => {
    const before = watched;
    const next = migrations.map((each) => (each.name === name ? { ...each, ...migration } : each));
    watched = watchedOf(next, Date.now()).map((one, index) =>
      one.target.name === name ? one : (before[index] ?? one),
    );
  };
  return {
    ...served,
    snapshots: () => watched,
    /** Changes one migration, and marks it as changed for the streams. */
    change: (name: string, migration: Partial<SampleMigration>): void => {
      hide(name, migration);
      for (const one of watched) if (one.target.name === name) served.streams.markChanged(keyOf(one.target));
    },
    hide,
    /** Stores `count` lag samples of a migration, `everyMs` apart, until now. */
    sample: async (name: string, count: number, everyMs: number): Promise<void> => {
      const one = watched.find(({ target }) => target.name === name);
      if (one?.state === undefined) throw new Error(`${name} was never read.`);
      const { groupId, liveMigrationId } = one.target;
      const samples = lagSamples([900, 300], now, count, everyMs);
      await served.store.commit({
        states: [{ groupId, liveMigrationId, state: one.state }],
        outages: [],
        samples: samples.map((each) => ({ ...each, groupId, liveMigrationId })),
        events: [],
        cursors: [],
      });
      keepLatest(name, samples);
    },
    /** Stores events and samples of the last day. A migration that is ready became ready an hour ago. */
    storeDay: async (name: string): Promise<void> => {
      const one = watched.find(({ target }) => target.name === name);
      if (one?.state === undefined) throw new Error(`${name} was never read.`);
      const { groupId, liveMigrationId } = one.target;
      const eventAt = <Name extends EventName>(
        hoursAgo: number,
        event: Name,
        more: Partial<EventFields[Name]> = {},
      ) =>
        buildEvent(
          event,
          {
            ...sampleFields[event],
            ...more,
            migration: name,
            groupId,
            liveMigrationId,
            eventId: String(hoursAgo * 10).padStart(32, '0'),
          },
          now - hoursAgo * hour,
        );
      const windowFrom = (hoursAgo: number) => ({
        readySince: isoTime(now - hoursAgo * hour),
        deadline: isoTime(now + (120 - hoursAgo) * hour),
      });
      const samples = [
        ...lagSamples([7_200, 25], now - 5 * hour, 1_260, 45_000),
        ...lagSamples([14, 40], now - 3.2 * hour, 140, 46_000),
        ...lagSamples([420, 12], now - hour, 180, 43_000),
        ...lagSamples([10, 4], now - 60_000, 120, 29_500),
      ];
      await served.store.commit({
        states: [{ groupId, liveMigrationId, state: one.state }],
        outages: [],
        samples: samples.map((sample) => ({ ...sample, groupId, liveMigrationId })),
        events: [
          eventAt(20, 'migration.first_seen', { status: 'NEW', readyForCutover: false }),
          eventAt(19, 'migration.status_changed', {
            from: 'NEW',
            to: 'WORKING',
            status: 'WORKING',
            readyForCutover: false,
          }),
          eventAt(5, 'migration.ready_for_cutover', windowFrom(5)),
          eventAt(3.2, 'migration.readiness_withdrawn', { readyForSeconds: 6_480 }),
          ...(one.state.readiness === undefined
            ? []
            : [
                eventAt(1, 'migration.ready_for_cutover', windowFrom(1)),
                eventAt(0.5, 'migration.cutover_reminder', {
                  ...windowFrom(1),
                  remainingSeconds: 119.5 * 3_600,
                }),
              ]),
        ],
        cursors: [],
      });
      keepLatest(name, samples);
    },
  };
}
