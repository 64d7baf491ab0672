import type { PollResult } from '../../atlas/client.ts';
import { catalogue } from '../../events/catalogue.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { LagSample } from '../../state/store.ts';
import type { Others, OutagePolicy } from '../outage.ts';
import { type Cadence, type CadencePolicy, cadenceOf } from './cadence.ts';
import { deadlineEvents, type NoticePolicy } from './deadline-events.ts';
import type { Transition } from './event-draft.ts';
import { applyFailure } from './failed-poll.ts';
import { estimateOf, type LagPolicy, lagEvents } from './lag-stall.ts';
import { lagNow, lagTrend, recentSamples } from './lag-trend.ts';
import type { Target } from './target.ts';
import { transitions } from './transitions.ts';

export type WatchPolicy = NoticePolicy & LagPolicy & CadencePolicy & OutagePolicy;

/** What is known of a migration when a poll of it has ended. */
export interface PollContext {
  readonly target: Target;
  readonly state: MigrationState | undefined;
  /** Lag samples of late, oldest first. */
  readonly samples: readonly LagSample[];
  readonly cadence: Cadence;
  /** Nothing has been read yet in this run, while an earlier run had. */
  readonly resumed: boolean;
  /** When this run began to watch it, in ms since 1970, where this is its first poll. */
  readonly downUntil: number | undefined;
  /** Called only where it matters, as it looks at every other migration. */
  readonly others: () => Others;
}

/** What is known afterwards, and what is to be committed. */
export interface AppliedPoll extends Transition {
  readonly samples: readonly LagSample[];
  readonly sample?: LagSample;
  readonly cadence: Cadence;
}

const order: ReadonlyMap<string, number> = new Map(
  Object.keys(catalogue).map((name, index) => [name, index]),
);

/** Returns everything that the end of one poll leads to, the passing of time included. `now` in ms since 1970. */
export function applyPoll(
  situation: PollContext,
  result: PollResult,
  now: number,
  policy: WatchPolicy,
): AppliedPoll {
  const polled = result.ok ? read(situation, result, now, policy) : failed(situation, result, now, policy);
  const notices = deadlineEvents(situation.target, polled.state, now, policy, situation.downUntil);
  return { ...polled, state: notices.state, events: inOrder([...polled.events, ...notices.events]) };
}

function read(
  { target, state, samples: former, cadence, resumed }: PollContext,
  { reading }: Extract<PollResult, { ok: true }>,
  now: number,
  policy: WatchPolicy,
): AppliedPoll {
  const { lagTimeSeconds } = reading;
  const sample = lagTimeSeconds === undefined ? undefined : { lagTimeSeconds, observedAt: now };
  const samples = sample === undefined ? former : recentSamples([...former, sample]);
  const observed = transitions(target, state, { ...reading, observedAt: now }, policy, resumed);
  const trend = lagTrend(samples);
  const lag = lagEvents(target, observed.state, { samples, trend }, now, policy, resumed);
  return {
    state: lag.state,
    events: [...observed.events, ...lag.events],
    samples,
    ...(sample !== undefined && { sample }),
    cadence: cadenceOf(cadence, lag.state, lagNow(samples, trend), estimateOf(lag.state, trend), policy),
  };
}

function failed(
  { target, state, samples, cadence, resumed, others }: PollContext,
  result: Extract<PollResult, { ok: false }>,
  now: number,
  policy: WatchPolicy,
): AppliedPoll {
  return { ...applyFailure(target, state, result, now, others(), policy, resumed), samples, cadence };
}

function inOrder(events: readonly EventRecord[]): EventRecord[] {
  return events.toSorted((one, other) => rankOf(one) - rankOf(other));
}

function rankOf({ event }: EventRecord): number {
  return order.get(event) ?? order.size;
}
