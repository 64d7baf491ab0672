import type { MigrationState, Readiness } from '../../state/migration-state.ts';
import type { ConfiguredCutover, CutoverPlan, StatedDeadline, Statement } from '../../state/operator-word.ts';
import type { WindowPolicy } from '../policy.ts';
import { usualPlanMs } from './cutover-plan.ts';
import { draft, type EventDraft, isoTime, type Transition } from './event-draft.ts';
import {
  deadlineOf,
  deadlineSourceOf,
  remainingSeconds,
  runningWindow,
  withDeadline,
} from './readiness-window.ts';
import type { Target } from './target.ts';

type WindowOf = Pick<WindowPolicy, 'windowMs'>;

/** Nobody plans farther ahead, in ms: it is a slip. */
export const farthestMs = 365 * 24 * 3_600_000;

/** Fields of an event that say who stated something, and for which command. */
export interface SaidBy {
  readonly author?: string;
  readonly comment?: string;
  readonly requestId?: string;
}

/**
 * Returns whether a word at `statedAt` is older than the one that holds: of two words, the later wins. A command counts
 * from when it was given, the configuration from when the watcher first reads a changed value. A word of the future
 * was given before the clock was set back, and is older than any. All in ms since 1970.
 */
export function isOlderWord(statedAt: number, holding: Statement | undefined, now: number): boolean {
  return holding !== undefined && holding.statedAt <= now && statedAt < holding.statedAt;
}

/** Returns the state with another deadline of its window, or the estimated one, and the event. */
export function changeDeadline(
  state: MigrationState,
  readiness: Readiness,
  stated: StatedDeadline | undefined,
  { now, policy, saidBy = {} }: { readonly now: number; readonly policy: WindowOf; readonly saidBy?: SaidBy },
): Transition {
  const next = withDeadline(readiness, stated, now, policy);
  const fields = {
    from: isoTime(deadlineOf(readiness, policy)),
    to: isoTime(deadlineOf(next, policy)),
    source: deadlineSourceOf(next),
    remainingSeconds: remainingSeconds(next, now, policy),
    ...saidBy,
  };
  return {
    state: { ...state, readiness: next },
    drafts: [draft('migration.window_changed', fields, idOf(saidBy, stated))],
  };
}

/** Returns the state with another plan, or without one, and the event. Reminders that rested until the former one rest for good. */
export function changePlan(
  state: MigrationState,
  plan: CutoverPlan | undefined,
  {
    now,
    source,
    saidBy = {},
  }: { readonly now: number; readonly source: Statement['source']; readonly saidBy?: SaidBy },
): Transition {
  const { plan: former, ...operator } = state.operator ?? {};
  const { readiness } = state;
  const rested = readiness !== undefined && former !== undefined && former.at > now;
  const fields = {
    ...(plan !== undefined && { plannedAt: isoTime(plan.at), planDurationSeconds: plan.durationMs / 1000 }),
    source,
    ...saidBy,
  };
  return {
    state: {
      ...state,
      ...(rested && { readiness: { ...readiness, quietUntil: now } }),
      operator: { ...operator, ...(plan !== undefined && { plan }) },
    },
    drafts: [draft('migration.cutover_planned', fields, idOf(saidBy, plan))],
  };
}

/** An event of a command follows from the command, so that it is the same if the watcher is killed and takes it up again. */
function idOf({ requestId }: SaidBy, word: Statement | undefined) {
  return requestId === undefined ? {} : { idAt: word?.statedAt, detail: requestId };
}

/** Returns whether the configuration has a word about a migration that was not taken yet. */
export function hasNewWord({ cutover }: Target, state: MigrationState | undefined): boolean {
  const taken = state?.operator?.taken;
  if (cutover === undefined && taken === undefined) return false;
  const canTake = state?.settlement === undefined;
  return (
    (canTake && isOtherPlan(cutover ?? {}, taken ?? {})) ||
    (cutover?.deadline !== taken?.deadline && runningWindow(state) !== undefined)
  );
}

/**
 * Takes what the configuration states: a value that differs from the one taken before is a word of now; one that was
 * taken out ends only what the configuration had stated. A deadline is taken while a window runs. A value that makes no
 * sense is refused, once.
 */
export function takeConfiguration(
  target: Target,
  state: MigrationState,
  now: number,
  policy: WindowOf,
): Transition {
  if (!hasNewWord(target, state)) return { state, drafts: [] };
  const { cutover = {} } = target;
  const taken = { ...state.operator?.taken };
  const drafts: EventDraft[] = [];
  let current = state;
  const readiness = runningWindow(state);
  if (readiness !== undefined && cutover.deadline !== taken.deadline) {
    const step = configuredDeadline(current, readiness, cutover.deadline, now, policy);
    current = step.state;
    drafts.push(...step.drafts);
    taken.deadline = cutover.deadline;
  }
  if (state.settlement === undefined && isOtherPlan(cutover, taken)) {
    const step = configuredPlan(current, cutover, now);
    current = step.state;
    drafts.push(...step.drafts);
    taken.plannedAt = cutover.plannedAt;
    taken.planDuration = cutover.planDuration;
  }
  return { state: { ...current, operator: { ...current.operator, taken: withoutAbsent(taken) } }, drafts };
}

function isOtherPlan(one: ConfiguredCutover, other: ConfiguredCutover): boolean {
  return one.plannedAt !== other.plannedAt || one.planDuration !== other.planDuration;
}

function configuredDeadline(
  state: MigrationState,
  readiness: Readiness,
  at: number | undefined,
  now: number,
  policy: WindowOf,
): Transition {
  const holding = readiness.stated;
  if (at === undefined)
    return holding?.source === 'configuration'
      ? changeDeadline(state, readiness, undefined, { now, policy })
      : { state, drafts: [] };
  // It began with this word, and its event says so.
  if (holding?.source === 'configuration' && holding.at === at) return { state, drafts: [] };
  if (at <= readiness.since)
    return refuse(
      state,
      'in_the_past',
      `cutover.deadline is ${isoTime(at)}, before the window began (${isoTime(readiness.since)}). Write its true end, or take the key out.`,
    );
  if (at > now + farthestMs)
    return refuse(
      state,
      'too_far',
      `cutover.deadline is ${isoTime(at)}, more than a year ahead. Correct it.`,
    );
  return changeDeadline(state, readiness, { source: 'configuration', statedAt: now, at }, { now, policy });
}

function configuredPlan(
  state: MigrationState,
  { plannedAt: at, planDuration }: ConfiguredCutover,
  now: number,
): Transition {
  const holding = state.operator?.plan;
  if (at === undefined)
    return holding?.source === 'configuration'
      ? changePlan(state, undefined, { now, source: 'configuration' })
      : { state, drafts: [] };
  const durationMs = planDuration ?? usualPlanMs;
  if (at + durationMs <= now)
    return refuse(
      state,
      'in_the_past',
      `cutover.plannedAt is ${isoTime(at)}, which is over. Correct it, or take the key out.`,
    );
  if (at > now + farthestMs)
    return refuse(
      state,
      'too_far',
      `cutover.plannedAt is ${isoTime(at)}, more than a year ahead. Correct it.`,
    );
  return changePlan(
    state,
    { source: 'configuration', statedAt: now, at, durationMs },
    { now, source: 'configuration' },
  );
}

function refuse(state: MigrationState, reason: 'in_the_past' | 'too_far', detail: string): Transition {
  return {
    state,
    drafts: [
      draft('watcher.request_refused', { command: 'configuration', reason, detail }, { detail: reason }),
    ],
  };
}

function withoutAbsent(taken: ConfiguredCutover): ConfiguredCutover {
  return Object.fromEntries(Object.entries(taken).filter(([, value]) => value !== undefined));
}

/** Returns the deadline that the configuration states for a window that begins now; undefined where that is not to come. */
export function deadlineAtBegin(
  { cutover }: Pick<Target, 'cutover'>,
  { operator }: MigrationState,
  now: number,
): StatedDeadline | undefined {
  const at = cutover?.deadline;
  if (at === undefined || at === operator?.taken?.deadline) return undefined;
  return at > now && at <= now + farthestMs ? { source: 'configuration', statedAt: now, at } : undefined;
}
