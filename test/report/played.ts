import { keyOf, type MigrationId } from '../../src/atlas/migration-resource.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { type Recording, readRecording, targetsOf } from '../../src/report/recorded.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import type { RecordedMigration, StateRecord } from '../../src/state/record.ts';
import type { LagSample } from '../../src/state/store.ts';
import { applyPoll } from '../../src/watch/migration/apply-poll.ts';
import { noSamples } from '../../src/watch/migration/lag-samples.ts';
import { isUnreachable } from '../../src/watch/migration/reachability.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { reportMigration } from '../../src/watch/outage/outage-events.ts';
import {
  errorOf,
  hour,
  minute,
  type Outcome,
  orders,
  policy,
  resultOf,
  start,
} from '../watch/sample-migrations.ts';

/** What Atlas answers at each time after the start, in ms; undefined while the watcher does not run. */
export type Course = (elapsedMs: number) => Outcome | undefined;

/** Returns what a watcher records that polls every `everyMs`, until `untilMs` after the start or until the end. */
export function played(
  course: Course,
  untilMs: number,
  everyMs = 5 * minute,
  target: Target = orders,
): Recording {
  let state: MigrationState | undefined;
  let running = true;
  const samples: LagSample[] = [];
  let recent = noSamples;
  const events: EventRecord[] = [];
  for (let elapsed = 0; elapsed <= untilMs && state?.settlement === undefined; elapsed += everyMs) {
    const outcome = course(elapsed);
    if (outcome !== undefined) {
      const now = start + elapsed;
      const resumed = !running && state?.observation !== undefined;
      const situation = {
        target,
        state,
        samples: recent,
        cadence: 'default' as const,
        resumed,
        intervalMs: 30_000,
        isNotFoundShared: false,
        now,
        startedAt: now,
      };
      const step = applyPoll(situation, resultOf(outcome), policy);
      recent = step.samples;
      if (step.sample !== undefined) samples.push(step.sample);
      const reported = outageReport(step.state, outcome, { target, now });
      state = reported.state;
      events.push(...step.events, ...reported.events);
    }
    running = outcome !== undefined;
  }
  if (state === undefined) throw new Error('A poll leaves a state.');
  return { ...target, state, samples, events };
}

/** Returns whether what has these ids, or a part of them, is about a migration. */
function isOf(migration: MigrationId): (other: object) => boolean {
  return (other) => keyOf({ ...migration, ...other }) === keyOf(migration);
}

/** Resolves to the recordings of a record that holds these migrations and events. */
export async function recordingsOf(
  configured: readonly Target[],
  migrations: readonly RecordedMigration[],
  events: readonly EventRecord[],
): Promise<readonly Recording[]> {
  const record: Pick<StateRecord, 'migrations' | 'latestEvents' | 'events' | 'migration'> = {
    migrations: async () => migrations,
    latestEvents: async () => migrations.flatMap((migration) => events.findLast(isOf(migration)) ?? []),
    async *events(migration) {
      yield* migration === undefined ? events : events.filter(isOf(migration));
    },
    migration: async (migration) => migrations.find(isOf(migration)),
  };
  const targets = await targetsOf(configured, record);
  return Promise.all(targets.map((target) => readRecording(target, record, 0)));
}

/** Reports an outage of the migration itself once, as soon as it is unreachable. */
function outageReport(
  state: MigrationState,
  outcome: Outcome,
  context: { readonly target: Target; readonly now: number },
): { readonly state: MigrationState; readonly events: readonly EventRecord[] } {
  const { outage } = state;
  const isDue = outage !== undefined && outage.reportedAt === undefined;
  if (typeof outcome !== 'string' || !isDue || !isUnreachable(outage, context.now, policy))
    return { state, events: [] };
  return reportMigration(context, state, errorOf(outcome), false);
}

const working = { status: 'WORKING', readyForCutover: false, migrationHosts: ['mig-orders-0.example.net'] };

/**
 * A whole migration: new for 2 h, copied until 20 h, caught up by 31 h with an outage and a
 * burst of writes, ready for 26 h, and cut over within half an hour; the watcher is off from 40 h to 43 h.
 */
export const wholeCourse: Course = (elapsed) => {
  const hours = elapsed / hour;
  if (hours >= 57.5) return { ...working, status: 'COMPLETE' };
  if (hours >= 40 && hours < 43) return undefined;
  if (hours >= 25 && hours < 26) return 'network';
  if (hours < 2) return { ...working, status: 'NEW' };
  if (hours < 20) return working;
  if (hours < 31) return { ...working, lagTimeSeconds: Math.round(lagAt(hours)) };
  if (hours < 57)
    return { ...working, readyForCutover: true, lagTimeSeconds: 4 + Math.round(3 * Math.sin(hours)) };
  return { ...working, readyForCutover: true };
};

function lagAt(hours: number): number {
  const burst = hours > 22 && hours < 24 ? 4_000 * Math.sin(((hours - 22) / 2) * Math.PI) : 0;
  return 9_000 * (1 - (hours - 20) / 11) + burst + 10;
}

/**
 * An ordinary five days: copied for 19 h, caught up in two days with seven bursts of writes, an outage and a restart,
 * ready, withdrawn, ready again, and cut over.
 */
export const fiveDays: Course = (elapsed) => {
  const hours = elapsed / hour;
  if (hours >= 66 && hours < 69) return undefined;
  if (hours >= 48 && hours < 48.7) return 'network';
  if (hours < 1) return { ...working, status: 'NEW' };
  if (hours < 20) return working;
  if (hours < 72) return { ...working, lagTimeSeconds: Math.round(burstyLagAt(hours)) };
  if (hours < 76) return { ...working, readyForCutover: true, lagTimeSeconds: 8 };
  if (hours < 92) return { ...working, lagTimeSeconds: Math.round(900 + 600 * Math.sin(hours)) };
  if (hours < 119.5) return { ...working, readyForCutover: true, lagTimeSeconds: 5 };
  return hours < 120 ? { ...working, readyForCutover: true } : { ...working, status: 'COMPLETE' };
};

function burstyLagAt(hours: number): number {
  const sinceBurst = (hours - 26) % 5;
  const burst = hours > 26 && hours < 58 && sinceBurst < 2 ? 5_000 * Math.sin((sinceBurst / 2) * Math.PI) : 0;
  return 70_000 * Math.exp((20 - hours) / 18) + burst + 30;
}
