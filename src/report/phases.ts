import type { EventRecord } from '../events/event-record.ts';
import type { LagSample } from '../state/store.ts';

/**
 * What a migration does for a while. `copying` is initial copy and catching up in one, where Atlas reported no lag that
 * separates them.
 */
export type PhaseName = 'waiting' | 'initial_copy' | 'catching_up' | 'copying' | 'ready' | 'cutover';

/** Times in ms since 1970. */
export interface Phase {
  readonly phase: PhaseName;
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the phases of a migration up to `end` (ms since 1970), oldest first. They begin and end with observations, so
 * each is as exact as the polls are close. Atlas does not report the start of a cutover: the cutover phase starts at the
 * last reported lag, if the observation before completion had none.
 */
export function phasesOf(
  events: readonly EventRecord[],
  samples: readonly LagSample[],
  end: number,
): readonly Phase[] {
  const starts = events.flatMap((event) => {
    const phase = phaseAfter(event);
    return phase === undefined ? [] : [{ phase, from: Date.parse(event.time) }];
  });
  const phases = starts
    .map((start, index): Phase => ({ ...start, to: starts[index + 1]?.from ?? end }))
    .filter(({ from, to }) => to > from);
  const completed = events.find(({ event }) => event === 'migration.completed');
  return joined(
    phases.flatMap((one) => {
      if (one.phase === 'copying') return splitAtFirstLag(one, samples);
      if (one.phase === 'ready' && one.to === end && completed !== undefined && !hadLagBefore(completed))
        return splitAtLastLag(one, samples);
      return [one];
    }),
  );
}

/** Returns the phase that an event begins; undefined where it begins none. */
function phaseAfter({
  event,
  status,
  readyForCutover,
  to,
  cutoverMayHaveBegun,
}: EventRecord): PhaseName | undefined {
  switch (event) {
    case 'migration.first_seen':
      return readyForCutover === true ? 'ready' : copyingOrWaiting(status);
    case 'migration.status_changed':
      // Readiness is a flag, independent of the status.
      return readyForCutover === true ? undefined : copyingOrWaiting(to);
    case 'migration.ready_for_cutover':
      return 'ready';
    case 'migration.readiness_withdrawn':
      return cutoverMayHaveBegun === true ? 'cutover' : 'catching_up';
    default:
      return undefined;
  }
}

function copyingOrWaiting(status: unknown): PhaseName {
  return status === 'WORKING' ? 'copying' : 'waiting';
}

/** Atlas reports a lag from the end of the initial copy on. */
function splitAtFirstLag(phase: Phase, samples: readonly LagSample[]): Phase[] {
  const first = samples.find(({ observedAt }) => observedAt >= phase.from && observedAt <= phase.to);
  if (first === undefined) return [phase];
  return split(phase, first.observedAt, 'initial_copy', 'catching_up');
}

function splitAtLastLag(phase: Phase, samples: readonly LagSample[]): Phase[] {
  const last = samples.findLast(({ observedAt }) => observedAt >= phase.from && observedAt <= phase.to);
  return last === undefined ? [phase] : split(phase, last.observedAt, 'ready', 'cutover');
}

function split({ from, to }: Phase, at: number, first: PhaseName, second: PhaseName): Phase[] {
  const parts = [
    { phase: first, from, to: at },
    { phase: second, from: at, to },
  ];
  return parts.filter((part) => part.to > part.from);
}

/** Returns whether the observation before completion had a lag: then the start of the cutover is unknown. */
function hadLagBefore({ previous }: EventRecord): boolean {
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
