import type { MigrationState } from '../../state/migration-state.ts';
import { type CutoverPlan, type PlanRisk, planRisks } from '../../state/operator-word.ts';
import type { WatchPolicy } from '../policy.ts';
import { isLagHigh } from './cutover-lag.ts';
import { draft, type EventDraft, isoTime, type Transition } from './event-draft.ts';
import { estimateReady, type ReadyEstimate } from './lag-estimate.ts';
import type { LagSamples } from './lag-samples.ts';
import { stalledSeconds } from './lag-stall.ts';
import { isUnreachable } from './reachability.ts';
import { deadlineOf, readinessOf, runningWindow } from './readiness-window.ts';

type PlanPolicy = Pick<WatchPolicy, 'windowMs' | 'unreachableAfterMs'>;

/** How long a plan takes where nobody says so, in ms. */
export const usualPlanMs = 2 * 3_600_000;

/** The estimate wavers: it counts once it has said the same for this long, in ms. */
const doubtMs = 20 * 60_000;
/** After this time without an observation, a plan counts as missed, in ms. */
const longestDoubtMs = 10 * 60_000;

/** Returns what there is to show of a plan, by the names of the events. */
export function planFields({ at, durationMs, risks, missed }: CutoverPlan) {
  return {
    plannedAt: isoTime(at),
    planDurationSeconds: durationMs / 1000,
    ...(risks !== undefined && { planRisks: risks }),
    ...(missed && { planMissed: true as const }),
  };
}

/** Returns when the time of a plan is over, in ms since 1970. */
export function planEnd({ at, durationMs }: CutoverPlan): number {
  return at + durationMs;
}

/**
 * Returns what a poll shows of a planned cutover: each cause that puts it at risk, once as long as it lasts; that none
 * is left; or that its time is over. A plan ends with the migration. One that has disappeared may only be out of
 * sight, and one whose cutover seems to have begun is at no risk. `now` in ms since 1970.
 */
export function planStep(
  state: MigrationState,
  samples: LagSamples,
  now: number,
  policy: PlanPolicy,
): Transition {
  const { plan, ...rest } = state.operator ?? {};
  if (plan === undefined || state.settlement === 'DISAPPEARED') return { state, drafts: [] };
  if (state.settlement !== undefined) return { state: { ...state, operator: rest }, drafts: [] };
  if (plan.missed) return { state, drafts: [] };
  const { at, durationMs } = plan;
  const plannedAt = isoTime(at);
  if (now >= planEnd(plan)) {
    if (!isKnownAfter(planEnd(plan), state, now)) return { state, drafts: [] };
    const { risks: _over, doubtSince: _since, ...kept } = plan;
    const fields = { plannedAt, planDurationSeconds: durationMs / 1000 };
    const missed = draft('migration.plan_missed', fields, { dueAt: planEnd(plan), detail: plan.statedAt });
    return { state: { ...state, operator: { ...rest, plan: { ...kept, missed: true } } }, drafts: [missed] };
  }
  const estimate = readinessOf(state) === undefined ? estimateReady(samples) : undefined;
  const next = withRisks(plan, state, { estimate, now, policy });
  const [before, after] = [plan.risks ?? [], next.risks ?? []];
  const deadline = windowEnd(state, policy);
  const drafts: EventDraft[] = after
    .filter((cause) => !before.includes(cause))
    .map((cause) =>
      draft(
        'migration.plan_at_risk',
        {
          plannedAt,
          cause,
          ...(deadline !== undefined && { deadline: isoTime(deadline) }),
          ...(estimate !== undefined && { readyInSeconds: estimate.seconds }),
        },
        { detail: cause },
      ),
    );
  if (before.length > 0 && after.length === 0) drafts.push(draft('migration.plan_on_course', { plannedAt }));
  return { state: { ...state, operator: { ...rest, plan: next } }, drafts };
}

/** After a time without a watcher, the first poll may show that the migration has ended. One that fails says nothing. */
function isKnownAfter(end: number, { observation }: MigrationState, now: number): boolean {
  return (observation?.observedAt ?? 0) >= end || now - end >= longestDoubtMs;
}

interface PlanFacts {
  readonly estimate: ReadyEstimate | undefined;
  readonly now: number;
  readonly policy: PlanPolicy;
}

function withRisks(plan: CutoverPlan, state: MigrationState, facts: PlanFacts): CutoverPlan {
  const { risks: former = [], doubtSince: since, ...rest } = plan;
  const { now } = facts;
  const isBehind = former.includes('estimate');
  const isOther = estimateIsBehind(plan, state, facts, isBehind) !== isBehind;
  // A clock set back starts over.
  const doubtSince = isOther ? Math.min(since ?? now, now) : undefined;
  // At its time, a migration that is not ready is late without any estimate.
  const isSure = now >= plan.at || readinessOf(state) !== undefined;
  const counts = doubtSince !== undefined && (isSure || now - doubtSince >= doubtMs);
  const current = new Set<PlanRisk>(surely(plan, state, facts));
  if (counts ? !isBehind : isBehind) current.add('estimate');
  const risks = planRisks.filter((cause) => current.has(cause));
  return {
    ...rest,
    ...(risks.length > 0 && { risks }),
    ...(doubtSince !== undefined && !counts && { doubtSince }),
  };
}

/** The causes that need no estimate. */
function surely(
  { at, statedAt, risks = [] }: CutoverPlan,
  state: MigrationState,
  { now, policy }: PlanFacts,
): PlanRisk[] {
  const { outage, withdrawn, readiness } = state;
  if (readiness?.cutover?.startedAt !== undefined) return [];
  // What is remembered of a withdrawal is forgotten some time before the readiness comes back.
  const isWithdrawn = risks.includes('withdrawn') || (withdrawn?.at ?? 0) > statedAt;
  const deadline = windowEnd(state, policy);
  return [
    ...(deadline !== undefined && at >= deadline ? (['deadline'] as const) : []),
    ...(stalledSeconds(state) !== undefined ? (['stalled'] as const) : []),
    ...(outage !== undefined && isUnreachable(outage, now, policy) ? (['unreachable'] as const) : []),
    ...(readinessOf(state) === undefined && isWithdrawn ? (['withdrawn'] as const) : []),
    ...(isLagHigh(state) === true ? (['lag_high'] as const) : []),
  ];
}

/** Returns whether the migration is expected to be ready only after the time of the plan. */
function estimateIsBehind(
  { at }: CutoverPlan,
  state: MigrationState,
  { estimate, now }: PlanFacts,
  wasBehind: boolean,
): boolean {
  if (readinessOf(state) !== undefined) return false;
  if (now >= at) return true;
  // Nothing is copied yet, nothing is read, or the lag does not fall, which is a stall once it lasts.
  if (estimate === undefined) return wasBehind;
  return estimate.seconds * 1000 > at - now;
}

function windowEnd(state: MigrationState, policy: PlanPolicy): number | undefined {
  const readiness = runningWindow(state);
  return readiness && deadlineOf(readiness, policy);
}
