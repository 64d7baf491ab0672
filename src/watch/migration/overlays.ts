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

type Times = Pick<Overlay, 'from' | 'to'>;
/** The parts of a state that say when a migration was not observed. */
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

/**
 * Returns the times in which no watcher ran, from the states of all migrations and the moments at which something was
 * recorded, up to `end` (ms since 1970). The present run began at `startedAt`. Life-cycle lines are not stored: what was
 * observed shows when a watcher ran.
 */
export function watcherGaps(states: readonly Observed[], startedAt: number, end: number): readonly Times[] {
  const watched = merged([
    ...states.flatMap((state) => observedTimes(state, startedAt)),
    { from: startedAt, to: Math.max(startedAt, end) },
  ]);
  return watched.flatMap(({ to }, index) => {
    const next = watched[index + 1];
    return next === undefined || next.from - to < leastGapMs ? [] : [{ from: to, to: next.from }];
  });
}

/** A restart within this time costs hardly more than one poll. */
const leastGapMs = 60_000;

/** Returns when a migration was observed before this run, in one piece between its gaps. */
function observedTimes(
  { firstObservedAt, observation, outage, gaps = [] }: Observed,
  startedAt: number,
): readonly Times[] {
  if (firstObservedAt === undefined || observation === undefined) return [];
  const notWatched = gaps.filter(({ reason }) => reason === 'not watched');
  const last = Math.min(startedAt, Math.max(observation.observedAt, outage?.since ?? 0));
  const starts = [firstObservedAt, ...notWatched.map(({ to }) => to)];
  const ends = [...notWatched.map(({ from }) => from), last];
  return starts.flatMap((from, index) => {
    const to = Math.min(startedAt, ends[index] ?? last);
    return to >= from ? [{ from, to }] : [];
  });
}

function stallsOf(events: readonly PhaseEvent[], end: number): readonly Times[] {
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

/** Returns the times in order, those that touch or overlap as one. */
export function merged(times: readonly Times[]): readonly Times[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of times.toSorted((one, other) => one.from - other.from)) {
    if (to < from) continue;
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}
