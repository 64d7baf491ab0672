import type { EventRecord } from '../../src/events/event-record.ts';
import { type Recording, recordingsOf } from '../../src/report/recorded.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
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
        downUntil: running ? undefined : now,
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
  const [recording] = recordingsOf([target], [{ ...target, state, samples }], events);
  if (recording === undefined) throw new Error('A target has a recording.');
  return recording;
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
