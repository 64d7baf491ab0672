import type { MigrationState } from '../../state/migration-state.ts';
import type { PhaseEvent } from './phases.ts';

/** What lies over the phases of a migration: the lag stalled, it could not be read, no watcher watched it. */
export const overlayNames = ['stalled', 'unreadable', 'not_watched'] as const;

export type OverlayName = (typeof overlayNames)[number];

/** Times in ms since 1970. */
export interface Overlay {
  readonly overlay: OverlayName;
  readonly from: number;
  readonly to: number;
}

export type Times = Pick<Overlay, 'from' | 'to'>;
/** The parts of a state that say when a migration was observed. */
export type Observed = Pick<
  MigrationState,
  'gaps' | 'outage' | 'observation' | 'rememberedSince' | 'settlement' | 'settledAt' | 'firstObservedAt'
>;

const endsOfStall: ReadonlySet<string> = new Set([
  'migration.lag_recovered',
  'migration.status_changed',
  'migration.ready_for_cutover',
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
]);

/**
 * Returns what lies over the phases of a migration up to `end` (ms since 1970). `events` are its own and those of the
 * outages of its project and of the account, oldest first.
 */
export function overlaysOf(
  events: readonly PhaseEvent[],
  state: Observed | undefined,
  end: number,
): readonly Overlay[] {
  const named = (overlay: OverlayName, times: readonly Times[]): readonly Overlay[] =>
    merged(times.map(({ from, to }) => ({ from, to: Math.min(to, end) }))).map((one) => ({
      overlay,
      ...one,
    }));
  const { gaps = [] } = state ?? {};
  const notWatched = gaps.filter(({ reason }) => reason === 'not watched');
  const unreachable = gaps.filter(({ reason }) => reason === 'unreachable');
  return [
    ...named('stalled', stallsOf(events, end)),
    ...named('unreadable', [
      ...unreachable,
      ...openOutage(state, end),
      ...ownOutages(events),
      ...refusals(events, state, end),
    ]),
    ...named('not_watched', notWatched),
  ];
}

/** Returns when the lag made no progress, oldest first, up to `end` (ms since 1970). */
export function stallsOf(events: readonly PhaseEvent[], end: number): readonly Times[] {
  const stalls: Times[] = [];
  let from: number | undefined;
  for (const { event, time, stalledForSeconds } of events) {
    const at = Date.parse(time);
    if (event === 'migration.lag_stalled' && from === undefined)
      from = at - (typeof stalledForSeconds === 'number' ? stalledForSeconds * 1_000 : 0);
    else if (from !== undefined && endsOfStall.has(event)) {
      stalls.push({ from, to: at });
      from = undefined;
    }
  }
  return from === undefined ? stalls : [...stalls, { from, to: end }];
}

/** A single failed poll is no outage yet. */
function openOutage(state: Observed | undefined, end: number): readonly Times[] {
  const { outage, observation, rememberedSince, settlement } = state ?? {};
  if (outage === undefined || outage.failures < 2 || settlement !== undefined) return [];
  return [{ from: observation?.observedAt ?? rememberedSince ?? outage.since, to: end }];
}

/** The state has the latest gaps alone. */
function ownOutages(events: readonly PhaseEvent[]): readonly Times[] {
  return events.flatMap(({ event, scope, time, downSeconds }) =>
    event === 'watcher.recovered' && scope === 'migration' && typeof downSeconds === 'number'
      ? [{ from: Date.parse(time) - downSeconds * 1_000, to: Date.parse(time) }]
      : [],
  );
}

/**
 * Refused credentials hold back every migration of the project or account but one, so nothing of it is in their states.
 * Of other outages of a scope the state has the times in which the migration itself could not be read.
 */
function refusals(events: readonly PhaseEvent[], state: Observed | undefined, end: number): readonly Times[] {
  const since = state?.rememberedSince ?? Number.NEGATIVE_INFINITY;
  const until = state?.settlement === undefined ? end : (state.settledAt ?? end);
  const open = new Map<string, number>();
  const times: Times[] = [];
  for (const { event, scope, time, errorType, since: began } of events) {
    if (typeof scope !== 'string' || scope === 'migration') continue;
    const from = open.get(scope);
    if (event === 'watcher.unreachable' && errorType === 'unauthorized' && from === undefined)
      open.set(scope, Date.parse(typeof began === 'string' ? began : time));
    if (event === 'watcher.recovered' && from !== undefined) {
      open.delete(scope);
      times.push({ from, to: Date.parse(time) });
    }
  }
  return [...times, ...[...open.values()].map((from) => ({ from, to: end }))]
    .map(({ from, to }) => ({ from: Math.max(from, since), to: Math.min(to, until) }))
    .filter(({ from, to }) => to > from);
}

/** Returns the times in order, as one those that overlap, touch, or have less than `leastGap` between them. */
export function merged(times: readonly Times[], leastGap = 0): readonly Times[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of times.toSorted((one, other) => one.from - other.from)) {
    if (to < from) continue;
    const last = result.at(-1);
    if (last !== undefined && (from <= last.to || from - last.to < leastGap)) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}
