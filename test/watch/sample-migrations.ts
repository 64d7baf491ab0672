import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { PollResult } from '../../src/atlas/client.ts';
import type { ErrorKind } from '../../src/atlas/error-kind.ts';
import type { MigrationReading } from '../../src/atlas/migration-resource.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import type { LagSample } from '../../src/state/store.ts';
import { applyPoll } from '../../src/watch/migration/apply-poll.ts';
import { collectSamples, noSamples } from '../../src/watch/migration/lag-samples.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import type { WatchPolicy } from '../../src/watch/policy.ts';

export const orders: Target = {
  name: 'orders',
  groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
  liveMigrationId: '7e68e12770616e75e6df43d0',
  labels: { team: 'payments' },
};

/** Returns the target of this number in a project of its own. */
export function targetOf(number: number, groupId = orders.groupId): Target {
  return {
    name: `m${number}`,
    groupId,
    liveMigrationId: number.toString(16).padStart(24, '0'),
    labels: {},
  };
}

export const start = Date.UTC(2026, 10, 23, 23, 0, 0);
export const minute = 60_000;
export const hour = 60 * minute;
export const policy: WatchPolicy = {
  windowMs: 120 * hour,
  warnBeforeMs: [48, 24, 6, 1].map((hours) => hours * hour),
  remindEveryMs: 12 * hour,
  formatDuration: (ms) => `${ms / hour}h`,
  lagAtMostMs: 5 * minute,
  stallAfterMs: 30 * minute,
  approachingLagMs: 5 * minute,
  unreachableAfterMs: 90_000,
  outageRemindEveryMs: 0,
};

/** How one poll ended: with a reading, or with a kind of error. */
export type Outcome = MigrationReading | ErrorKind;

export interface PollOfHistory {
  readonly outcome: Outcome;
  /** The program was restarted just before this poll. */
  readonly restarted?: boolean;
  /** So much later than usual it was made, in ms. */
  readonly laterMs?: number;
}

/** What follows from a poll once it is decided, such as the report of an outage: the state after it, and its events. */
type AfterPoll = (
  state: MigrationState,
  outcome: Outcome,
  now: number,
) => { readonly state: MigrationState; readonly events: readonly EventRecord[] };

/**
 * Plays polls as the watcher does, from `start` on, `everyMs` apart. Returns the events of each poll and the state after
 * the last one.
 */
export function play(
  polls: readonly (Outcome | PollOfHistory)[],
  from?: MigrationState,
  rules = policy,
  everyMs = minute,
  afterPoll: AfterPoll = (state) => ({ state, events: [] }),
) {
  let state = from;
  let resumed = false;
  let samples = noSamples;
  const stored: LagSample[] = [];
  const steps: (readonly EventRecord[])[] = [];
  let now = start - everyMs;
  for (const poll of polls) {
    const { outcome, restarted = false, laterMs = 0 } = asPoll(poll);
    now += everyMs + laterMs;
    if (restarted) {
      state = state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as MigrationState);
      resumed = state?.observation !== undefined;
      samples = collectSamples(stored);
    }
    const situation = {
      target: orders,
      state,
      samples,
      cadence: 'default' as const,
      now,
      startedAt: now,
      resumed,
      intervalMs: everyMs,
      isNotFoundShared: false,
    };
    const step = applyPoll(situation, resultOf(outcome), rules);
    if (typeof outcome !== 'string') resumed = false;
    const after = afterPoll(step.state, outcome, now);
    ({ samples } = step);
    ({ state } = after);
    if (step.sample !== undefined) stored.push(step.sample);
    steps.push([...step.events, ...after.events]);
  }
  return { steps, events: steps.flat(), last: steps.at(-1) ?? [], state };
}

export function resultOf(outcome: Outcome): PollResult {
  return typeof outcome === 'string'
    ? { ok: false, attempts: 4, requests: 4, error: errorOf(outcome) }
    : { ok: true, attempts: 1, requests: 1, reading: outcome };
}

function asPoll(poll: Outcome | PollOfHistory): PollOfHistory {
  return typeof poll === 'object' && 'outcome' in poll ? poll : { outcome: poll };
}

export function errorOf(kind: ErrorKind): AtlasError {
  return new AtlasError({
    kind,
    detail: `It was ${kind}.`,
    ...(kind === 'not_found' && { httpStatus: 404 }),
  });
}

export function namesOf(events: readonly EventRecord[]): string[] {
  return events.map(({ event }) => event);
}
