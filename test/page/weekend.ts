import type { EventFields, EventName } from '../../src/events/catalogue.ts';
import { buildEvent } from '../../src/events/event-record.ts';
import { Counters } from '../../src/server/counters.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { isoTime } from '../../src/watch/migration/event-draft.ts';
import { keyOf } from '../../src/watch/migration/target.ts';
import { sampleFields } from '../events/sample-events.ts';
import { serve } from '../server/served.ts';
import { hour } from '../watch/sample-migrations.ts';
import { lagSamples, type Story, watchedOf, weekend } from './fleet.ts';

/** A server that shows migrations which stand still until the test moves them. */
export async function serveWeekend(stories: readonly Story[] = weekend) {
  const now = Date.now();
  let watched: readonly MigrationSnapshot[] = watchedOf(stories, now);
  const tally = new Counters();
  tally.poll(undefined, 120);
  const served = await serve({ now: Date.now, startedAt: now - 83 * hour, tally, watched: () => watched });
  /** The watcher knows the latest of the samples that are stored, and no others. */
  const knowOnly = (name: string, samples: MigrationSnapshot['samples']): void => {
    watched = watched.map((one) =>
      one.target.name === name ? { ...one, samples: samples.slice(-30) } : one,
    );
  };
  return {
    ...served,
    tally,
    /** Changes what is known of one migration, and tells the streams. */
    change: (name: string, story: Partial<Story>): void => {
      const before = watched;
      const next = stories.map((each) => (each.name === name ? { ...each, ...story } : each));
      watched = watchedOf(next, Date.now()).map((one, index) =>
        one.target.name === name ? one : (before[index] ?? one),
      );
      for (const one of watched) if (one.target.name === name) served.streams.changed(keyOf(one.target));
    },
    /** Stores samples of the lag of a migration up to now, so many and so far apart. */
    sample: (name: string, count: number, everyMs: number): void => {
      const one = watched.find(({ target }) => target.name === name);
      if (one?.state === undefined) throw new Error(`${name} was never read.`);
      const { groupId, liveMigrationId } = one.target;
      const samples = lagSamples([900, 300], now, count, everyMs);
      served.store.commit({
        states: [{ groupId, liveMigrationId, state: one.state }],
        samples: samples.map((each) => ({ ...each, groupId, liveMigrationId })),
        events: [],
        written: [],
      });
      knowOnly(name, samples);
    },
    /** Stores what a migration has gone through in the last day; one that is ready has become so an hour ago. */
    remember: (name: string): void => {
      const one = watched.find(({ target }) => target.name === name);
      if (one?.state === undefined) throw new Error(`${name} was never read.`);
      const { groupId, liveMigrationId } = one.target;
      const told = <Name extends EventName>(
        hoursAgo: number,
        event: Name,
        more: Partial<EventFields[Name]> = {},
      ) => ({
        record: buildEvent(
          event,
          {
            ...sampleFields[event],
            ...more,
            migration: name,
            eventId: String(hoursAgo * 10).padStart(32, '0'),
          },
          now - hoursAgo * hour,
        ),
        written: true,
      });
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
      served.store.commit({
        states: [{ groupId, liveMigrationId, state: one.state }],
        samples: samples.map((sample) => ({ ...sample, groupId, liveMigrationId })),
        events: [
          told(20, 'migration.first_seen'),
          told(19, 'migration.status_changed', { from: 'NEW', to: 'WORKING' }),
          told(5, 'migration.ready_for_cutover', windowFrom(5)),
          told(3.2, 'migration.readiness_withdrawn', { readyForSeconds: 6_480 }),
          ...(one.state.readiness === undefined
            ? []
            : [
                told(1, 'migration.ready_for_cutover', windowFrom(1)),
                told(0.5, 'migration.cutover_reminder', {
                  ...windowFrom(1),
                  remainingSeconds: 119.5 * 3_600,
                }),
              ]),
        ],
        written: [],
      });
      knowOnly(name, samples);
    },
  };
}
