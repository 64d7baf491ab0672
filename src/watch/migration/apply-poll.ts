import type { PollResult } from '../../atlas/client.ts';
import { catalogue } from '../../events/catalogue.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { LagSample } from '../../state/store.ts';
import type { WatchPolicy } from '../policy.ts';
import { acknowledgementEnd } from './acknowledgement.ts';
import { type Cadence, cadenceOf } from './cadence.ts';
import { cutoverLag } from './cutover-lag.ts';
import { planStep } from './cutover-plan.ts';
import { deadlineEvents } from './deadline-events.ts';
import {
  completeEvents,
  type EventDraft,
  initialState,
  type PollContext,
  type Transition,
} from './event-draft.ts';
import { applyFailure } from './failed-poll.ts';
import { readySoon } from './lag-estimate.ts';
import { addSample, type LagSamples } from './lag-samples.ts';
import { lagEvents } from './lag-stall.ts';
import { middleLag } from './lag-trend.ts';
import { takeConfiguration } from './stated-words.ts';
import { transitions } from './transitions.ts';

/** What is known of a migration when a poll of it ends. */
export interface BeforePoll extends PollContext {
  readonly state: MigrationState | undefined;
  readonly samples: LagSamples;
  readonly cadence: Cadence;
  /** When the poll began, in ms since 1970. */
  readonly startedAt: number;
  /** Most of its project or of the account is answered with 404 just now. */
  readonly isNotFoundShared: boolean;
}

/** What is known afterwards, and what is to be committed. */
export interface AfterPoll {
  readonly state: MigrationState;
  /** In the order of the catalogue. */
  readonly events: readonly EventRecord[];
  readonly samples: LagSamples;
  readonly sample?: LagSample;
  readonly cadence: Cadence;
}

const order: ReadonlyMap<string, number> = new Map(
  Object.keys(catalogue).map((name, index) => [name, index]),
);

/** Returns all that the end of one poll leads to, the passing of time included. It reads nothing but its arguments. */
export function applyPoll(before: BeforePoll, result: PollResult, policy: WatchPolicy): AfterPoll {
  const polled = result.ok
    ? applyReading(before, result.reading, policy)
    : { ...applyFailure(before, before.state, { ...before, error: result.error }), ...unchanged(before) };
  const { state, drafts, ...rest } = polled;
  return { ...rest, ...applyClock({ ...before, samples: polled.samples, drafts }, state, policy) };
}

/**
 * Returns what the clock and what people state make due for a migration, with the drafts that a poll or a request of this
 * moment led to already.
 */
export function applyClock(
  {
    drafts = [],
    ...before
  }: Pick<BeforePoll, 'target' | 'now' | 'intervalMs' | 'state' | 'samples'> & {
    readonly drafts?: readonly EventDraft[];
  },
  state: MigrationState,
  policy: WatchPolicy,
): Pick<AfterPoll, 'state' | 'events'> {
  const { now, target, samples } = before;
  const former = before.state ?? initialState(now);
  const steps = [
    (current: MigrationState) => takeConfiguration(target, current, now, policy),
    (current: MigrationState) => deadlineEvents(current, now, policy),
    (current: MigrationState) => planStep(current, samples, now, policy),
  ];
  const due = steps.reduce<Transition>(
    (last, step) => {
      const next = step(last.state);
      return { state: next.state, drafts: [...last.drafts, ...next.drafts] };
    },
    { state, drafts },
  );
  const transition = acknowledgementEnd(former, due, now);
  if (transition.drafts.length === 0) return { state: transition.state, events: [] };
  const events = completeEvents(before, former, transition);
  return { state: transition.state, events: events.toSorted((one, other) => rankOf(one) - rankOf(other)) };
}

function applyReading(
  before: BeforePoll,
  reading: Extract<PollResult, { ok: true }>['reading'],
  policy: WatchPolicy,
): Transition & Omit<AfterPoll, 'events'> {
  const { now, cadence } = before;
  const { lagTimeSeconds } = reading;
  const sample = lagTimeSeconds === undefined ? undefined : { lagTimeSeconds, observedAt: now };
  const samples = sample === undefined ? before.samples : addSample(before.samples, sample);
  const observed = transitions(before, before.state, reading, policy);
  const copied = lagEvents(before, observed.state, samples, policy);
  const lag = cutoverLag(before, copied.state, samples, policy);
  return {
    state: lag.state,
    drafts: [...observed.drafts, ...copied.drafts, ...lag.drafts],
    samples,
    ...(sample !== undefined && { sample }),
    cadence: cadenceWith(samples, cadence, lag.state, policy),
  };
}

/** Returns on which schedule a migration with these lag samples is polled next. */
export function cadenceWith(
  samples: LagSamples,
  former: Cadence,
  state: MigrationState,
  policy: Pick<WatchPolicy, 'approachingLagMs'>,
): Cadence {
  const lag = { seconds: middleLag(samples), readyInSeconds: readySoon(samples) };
  return cadenceOf(former, state, lag, policy);
}

function unchanged({ samples, cadence }: BeforePoll): Pick<AfterPoll, 'samples' | 'cadence'> {
  return { samples, cadence };
}

function rankOf({ event }: EventRecord): number {
  return order.get(event) ?? order.size;
}
