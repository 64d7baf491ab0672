import type {
  CutoverSigns,
  MigrationState,
  Observation,
  Readiness,
  Withdrawal,
} from '../../state/migration-state.ts';
import type { StatedDeadline } from '../../state/operator-word.ts';
import type { WindowPolicy } from '../policy.ts';
import { draft, type EventDraft, secondsBetween } from './event-draft.ts';
import { remainingSeconds, windowFields } from './readiness-window.ts';

/** A readiness that comes back within this part of the window continues the window. */
const continuedShare = 0.1;
/** So many observations in a row without the lag that was there show that the cutover has begun. */
const withoutLagNeeded = 3;

type ReadinessParts = Pick<MigrationState, 'readiness' | 'withdrawn' | 'readyBefore'>;
type WindowOfPolicy = Pick<WindowPolicy, 'windowMs'>;

/** The readiness of a migration after an observation, and the events that the difference is worth. */
export interface ReadinessStep {
  readonly parts: ReadinessParts;
  readonly drafts: readonly EventDraft[];
}

/** One observation, with the latest known value of what it may leave out. */
export interface ReadinessObservation extends Pick<Observation, 'observedAt'> {
  readonly lagTimeSeconds: number | undefined;
  readonly known: MigrationState['known'];
  readonly isSettled: boolean;
  /** The end of a window that begins with it, where the configuration states that. */
  readonly stated?: StatedDeadline | undefined;
}

/**
 * Returns what an observation changes in the readiness of a migration.
 *
 * - **Not ready** becomes **ready**: a window opens, or the former one goes on (`windowContinued`) where the readiness
 *   was withdrawn for at most a tenth of the window. A warning too early costs a look, one too late the migration.
 * - **Ready** becomes **not ready**: the readiness is withdrawn.
 * - **Ready**, `WORKING`, and no lag any more on three observations in a row: the cutover seems to have begun.
 * - **Settled**: nothing changes. One that is retried under its id has no readiness left, unless it is ready at once.
 */
export function readinessStep(
  before: MigrationState,
  observation: ReadinessObservation,
  policy: WindowOfPolicy,
): ReadinessStep {
  const { known, observedAt, isSettled } = observation;
  const { readiness, withdrawn, readyBefore } = before;
  if (isSettled) return { parts: partsOf({ readiness, withdrawn, readyBefore }), drafts: [] };
  const isRetried = before.settlement !== undefined && before.settlement !== 'DISAPPEARED';
  if (known.readyForCutover !== true) {
    if (isRetried) return { parts: {}, drafts: [] };
    return readiness === undefined
      ? stayNotReady(before, observedAt, policy)
      : withdraw(readiness, observation);
  }
  if (readiness !== undefined && !isRetried)
    return afterLag({ parts: partsOf({ readiness, readyBefore }), drafts: [] }, observation);
  const former = isRetried ? beforeRetry(before, observedAt) : withdrawn;
  return afterLag(begin(before, former, observation, policy), observation);
}

/** An end may have been none, so its window goes on like one that was withdrawn; only that of an expired one is over. */
function beforeRetry(
  { settlement, settledAt, readiness, withdrawn }: MigrationState,
  now: number,
): Withdrawal | undefined {
  if (settlement === 'EXPIRED') return undefined;
  return readiness === undefined ? withdrawn : { readiness, at: settledAt ?? now };
}

function stayNotReady(
  { withdrawn, readyBefore }: MigrationState,
  now: number,
  policy: WindowOfPolicy,
): ReadinessStep {
  const kept = withdrawn !== undefined && mayContinue(withdrawn, now, policy) ? withdrawn : undefined;
  return { parts: partsOf({ withdrawn: kept, readyBefore }), drafts: [] };
}

function withdraw(
  readiness: Readiness,
  { known, lagTimeSeconds, observedAt }: ReadinessObservation,
): ReadinessStep {
  const { cutover } = readiness;
  const isLagGone = cutover !== undefined && lagTimeSeconds === undefined && known.status === 'WORKING';
  const mayHaveBegun = cutover?.startedAt !== undefined || isLagGone;
  const event = draft('migration.readiness_withdrawn', {
    readyForSeconds: secondsBetween(readiness.since, observedAt),
    ...(mayHaveBegun && { cutoverMayHaveBegun: true as const }),
  });
  return { parts: { withdrawn: { readiness, at: observedAt }, readyBefore: true }, drafts: [event] };
}

function begin(
  { observation, readyBefore }: MigrationState,
  withdrawn: Withdrawal | undefined,
  { observedAt: now, stated }: ReadinessObservation,
  policy: WindowOfPolicy,
): ReadinessStep {
  const former = withdrawn !== undefined && mayContinue(withdrawn, now, policy) ? withdrawn : undefined;
  const readiness = former?.readiness ?? {
    since: now,
    sinceKnown: observation !== undefined,
    ...(stated !== undefined && { stated }),
  };
  const event = draft('migration.ready_for_cutover', {
    ...windowFields(readiness, policy),
    remainingSeconds: remainingSeconds(readiness, now, policy),
    readySinceKnown: readiness.sinceKnown,
    ...(readyBefore && { readyAgain: true as const }),
    ...(former !== undefined && { windowContinued: true as const }),
  });
  return { parts: partsOf({ readiness, readyBefore }), drafts: [event] };
}

function mayContinue({ at }: Withdrawal, now: number, { windowMs }: WindowOfPolicy): boolean {
  return now - at <= windowMs * continuedShare;
}

/** Adds what the lag shows about the cutover. */
function afterLag({ parts, drafts }: ReadinessStep, observation: ReadinessObservation): ReadinessStep {
  const { readiness } = parts;
  if (readiness === undefined) return { parts, drafts };
  const { cutover: former, ...rest } = readiness;
  const cutover = cutoverSigns(former, observation);
  const hasStarted = cutover?.startedAt !== undefined && former?.startedAt === undefined;
  const { observedAt } = observation;
  const started = draft('migration.cutover_started', {
    estimated: true,
    readyForSeconds: secondsBetween(readiness.since, observedAt),
  });
  return {
    parts: { ...parts, readiness: cutover === undefined ? rest : { ...rest, cutover } },
    drafts: hasStarted ? [...drafts, started] : drafts,
  };
}

function cutoverSigns(
  former: CutoverSigns | undefined,
  { known, lagTimeSeconds, observedAt }: ReadinessObservation,
): CutoverSigns | undefined {
  if (lagTimeSeconds !== undefined) return { withoutLag: 0 };
  if (former === undefined || former.startedAt !== undefined) return former;
  if (known.status !== 'WORKING') return { withoutLag: 0 };
  const withoutLag = former.withoutLag + 1;
  return withoutLag < withoutLagNeeded ? { withoutLag } : { withoutLag, startedAt: observedAt };
}

/** Leaves out what is absent. */
function partsOf({
  readiness,
  withdrawn,
  readyBefore,
}: { [Name in keyof ReadinessParts]: ReadinessParts[Name] | undefined }): ReadinessParts {
  return {
    ...(readiness !== undefined && { readiness }),
    ...(withdrawn !== undefined && { withdrawn }),
    ...(readyBefore !== undefined && { readyBefore }),
  };
}
