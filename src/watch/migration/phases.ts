import type { LagSample } from '../../state/store.ts';

/**
 * What a migration does for a while, in the usual order, and how it ended. `copying` is initial copy and catching up in
 * one, of a migration that became ready and of which Atlas reported no lag that separates them.
 */
export const phaseNames = [
  'waiting',
  'initial_copy',
  'catching_up',
  'copying',
  'ready',
  'cutover',
  'complete',
  'failed',
  'expired',
  'disappeared',
] as const;

export type PhaseName = (typeof phaseNames)[number];

/** Times in ms since 1970. */
export interface Phase {
  readonly phase: PhaseName;
  readonly from: number;
  readonly to: number;
}

/** What phases and overlays need of an event. An event of the log has it. */
export interface PhaseEvent {
  readonly event: string;
  /** ISO 8601. */
  readonly time: string;
  readonly [field: string]: unknown;
}

const endings: Readonly<Record<string, PhaseName>> = {
  'migration.completed': 'complete',
  'migration.failed': 'failed',
  'migration.expired': 'expired',
  'migration.disappeared': 'disappeared',
};
const afterCopy: ReadonlySet<PhaseName> = new Set(['ready', 'cutover', 'complete']);
const endStatuses: ReadonlySet<unknown> = new Set(['COMPLETE', 'FAILED', 'EXPIRED', 'DISAPPEARED']);

/**
 * Returns the phases of a migration up to `end` (ms since 1970), oldest first; the last one after an end is how it
 * ended. They begin and end with observations, so each is as exact as the polls are close. Atlas does not report the
 * start of a cutover: the cutover phase starts at the last reported lag, if later observations had none.
 */
export function phasesOf(
  events: readonly PhaseEvent[],
  samples: readonly Pick<LagSample, 'observedAt'>[],
  end: number,
): readonly Phase[] {
  const starts = events.flatMap((event) => {
    const phase = phaseAfter(event);
    const from = Date.parse(event.time);
    return phase === undefined || from > end ? [] : [{ phase, from, event }];
  });
  const phases = starts.flatMap(({ phase, from, event }, index): Phase[] => {
    const next = starts[index + 1];
    const one = { phase, from, to: next?.from ?? end };
    if (one.to <= from) return [];
    if (phase === 'copying') return splitAtFirstLag(one, event, samples, next?.phase);
    if (phase === 'ready' && endsWithCutover(events, one)) return splitAtLastLag(one, samples);
    return [one];
  });
  return joined(phases);
}

/** Returns the phase that an event begins; undefined where it begins none. */
function phaseAfter({
  event,
  status,
  readyForCutover,
  from,
  to,
  cutoverMayHaveBegun,
}: PhaseEvent): PhaseName | undefined {
  switch (event) {
    case 'migration.first_seen':
      return readyForCutover === true ? 'ready' : copyingOrWaiting(status);
    case 'migration.status_changed':
      if (endStatuses.has(to)) return undefined;
      // Readiness is a flag, independent of the status.
      if (readyForCutover === true) return endStatuses.has(from) ? 'ready' : undefined;
      return copyingOrWaiting(to);
    case 'migration.ready_for_cutover':
    // Reminders rest while a cutover seems to be under way.
    case 'migration.cutover_reminder':
      return 'ready';
    case 'migration.cutover_started':
      return 'cutover';
    case 'migration.readiness_withdrawn':
      return cutoverMayHaveBegun === true ? 'cutover' : 'catching_up';
    default:
      return endings[event];
  }
}

function copyingOrWaiting(status: unknown): PhaseName {
  return status === 'WORKING' ? 'copying' : 'waiting';
}

/** Atlas reports a lag from the end of the initial copy on. What became ready without one has passed it. */
function splitAtFirstLag(
  phase: Phase,
  { lagTimeSeconds }: PhaseEvent,
  samples: readonly Pick<LagSample, 'observedAt'>[],
  next: PhaseName | undefined,
): Phase[] {
  if (lagTimeSeconds !== undefined) return [{ ...phase, phase: 'catching_up' }];
  const first = samples.find(({ observedAt }) => observedAt >= phase.from && observedAt <= phase.to);
  if (first === undefined)
    return next !== undefined && afterCopy.has(next) ? [phase] : [{ ...phase, phase: 'initial_copy' }];
  return split(phase, first.observedAt, 'initial_copy', 'catching_up');
}

function splitAtLastLag(phase: Phase, samples: readonly Pick<LagSample, 'observedAt'>[]): Phase[] {
  const last = samples.findLast(({ observedAt }) => observedAt >= phase.from && observedAt <= phase.to);
  return last === undefined ? [phase] : split(phase, last.observedAt, 'ready', 'cutover');
}

/** Returns whether a readiness ended in a cutover that began before it was noticed. */
function endsWithCutover(events: readonly PhaseEvent[], { to }: Phase): boolean {
  return events.some(
    (event) =>
      Date.parse(event.time) === to &&
      (event.event === 'migration.cutover_started' ||
        (event.event === 'migration.completed' && !hadLagBefore(event))),
  );
}

function split({ from, to }: Phase, at: number, first: PhaseName, second: PhaseName): Phase[] {
  const parts = [
    { phase: first, from, to: at },
    { phase: second, from: at, to },
  ];
  return parts.filter((part) => part.to > part.from);
}

/** Returns whether the observation before completion had a lag: then the start of the cutover is unknown. */
function hadLagBefore({ previous }: PhaseEvent): boolean {
  return typeof previous !== 'object' || previous === null || 'lagTimeSeconds' in previous;
}

function joined(phases: readonly Phase[]): readonly Phase[] {
  const result: Phase[] = [];
  for (const phase of phases) {
    const last = result.at(-1);
    if (last?.phase === phase.phase && last.to === phase.from)
      result.splice(-1, 1, { ...last, to: phase.to });
    else result.push(phase);
  }
  return result;
}
