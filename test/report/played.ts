import type { EventRecord } from '../../src/events/event-record.ts';
import { type Recording, recordingsOf } from '../../src/report/recorded.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import type { LagSample } from '../../src/state/store.ts';
import { applyPoll } from '../../src/watch/migration/apply-poll.ts';
import { recentSamples } from '../../src/watch/migration/lag-trend.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import {
  alone,
  hour,
  minute,
  type Outcome,
  orders,
  policy,
  resultOf,
  start,
} from '../watch/sample-migrations.ts';

/** What a watcher is told at each time after the start, in ms; undefined while it does not run. */
export type Course = (elapsedMs: number) => Outcome | undefined;

/** Returns what a watcher records that polls every `everyMs` until `untilMs` after the start, or until all is over. */
export function played(
  course: Course,
  untilMs: number,
  everyMs = 5 * minute,
  target: Target = orders,
): Recording {
  let state: MigrationState | undefined;
  let running = true;
  const samples: LagSample[] = [];
  const events: EventRecord[] = [];
  for (let elapsed = 0; elapsed <= untilMs && state?.settlement === undefined; elapsed += everyMs) {
    const outcome = course(elapsed);
    if (outcome !== undefined) {
      const now = start + elapsed;
      const recent = recentSamples(samples);
      const resumed = !running && state?.observation !== undefined;
      const situation = {
        target,
        state,
        samples: recent,
        cadence: 'default' as const,
        resumed,
        downUntil: running ? undefined : now,
        others: () => alone,
      };
      const step = applyPoll(situation, resultOf(outcome), now, policy);
      ({ state } = step);
      if (step.sample !== undefined) samples.push(step.sample);
      events.push(...step.events.filter(({ event }) => event !== 'watcher.poll_failed'));
    }
    running = outcome !== undefined;
  }
  if (state === undefined) throw new Error('a poll leaves a state');
  const [recording] = recordingsOf([target], [{ ...target, state, samples }], events);
  if (recording === undefined) throw new Error('a target has a recording');
  return recording;
}

const working = { status: 'WORKING', readyForCutover: false, migrationHosts: ['mig-orders-0.example.net'] };

/**
 * A migration from its beginning to its end: new for 2 h, copied until 20 h, caught up by 31 h but for an outage and a
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
