import type { EventRecord } from '../events/event-record.ts';
import type { LagSample } from '../state/store.ts';

/**
 * What a migration does for a while. `copying` is the initial copy and the catching up in one, where Atlas gave no lag
 * to tell them apart by.
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
 * each may be as much off as these are apart. Atlas does not tell when a cutover was begun: it counts from the last
 * lag that was told, where none was told any more at the observation before the last.
 */
export function phasesOf(
  events: readonly EventRecord[],
  samples: readonly LagSample[],
  end: number,
): readonly Phase[] {
  const turns = events.flatMap((event) => {
    const phase = phaseAfter(event);
    return phase === undefined ? [] : [{ phase, from: Date.parse(event.time) }];
  });
  const spans = turns
    .map((turn, index): Phase => ({ ...turn, to: turns[index + 1]?.from ?? end }))
    .filter(({ from, to }) => to > from);
  const completed = events.find(({ event }) => event === 'migration.completed');
  return joined(
    spans.flatMap((span) => {
      if (span.phase === 'copying') return splitAtFirstLag(span, samples);
      if (span.phase === 'ready' && span.to === end && completed !== undefined && !hadLagBefore(completed))
        return splitAtLastLag(span, samples);
      return [span];
    }),
  );
}

/** Undefined where the event changes nothing about what the migration does. */
function phaseAfter({ event, status, readyForCutover, to }: EventRecord): PhaseName | undefined {
  switch (event) {
    case 'migration.first_seen':
      return readyForCutover === true ? 'ready' : copyingOrWaiting(status);
    case 'migration.status_changed':
      // Ready is a flag of its own, whatever the status.
      return readyForCutover === true ? undefined : copyingOrWaiting(to);
    case 'migration.ready_for_cutover':
      return 'ready';
    case 'migration.readiness_withdrawn':
      return 'catching_up';
    default:
      return undefined;
  }
}

function copyingOrWaiting(status: unknown): PhaseName {
  return status === 'WORKING' ? 'copying' : 'waiting';
}

/** Atlas tells a lag once the initial copy is over. */
function splitAtFirstLag(span: Phase, samples: readonly LagSample[]): Phase[] {
  const first = samples.find(({ observedAt }) => observedAt >= span.from && observedAt <= span.to);
  if (first === undefined) return [span];
  return split(span, first.observedAt, 'initial_copy', 'catching_up');
}

function splitAtLastLag(span: Phase, samples: readonly LagSample[]): Phase[] {
  const last = samples.findLast(({ observedAt }) => observedAt >= span.from && observedAt <= span.to);
  return last === undefined ? [span] : split(span, last.observedAt, 'ready', 'cutover');
}

function split({ from, to }: Phase, at: number, first: PhaseName, second: PhaseName): Phase[] {
  const parts = [
    { phase: first, from, to: at },
    { phase: second, from: at, to },
  ];
  return parts.filter((part) => part.to > part.from);
}

/** The observation before the completion told a lag, so that nothing shows when the cutover was begun. */
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
