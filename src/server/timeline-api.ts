import { setImmediate } from 'node:timers/promises';
import { keyOf } from '../atlas/migration-resource.ts';
import type { LagSample } from '../state/store.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import type { Span } from '../watch/migration/lane.ts';
import { migrationSpans } from '../watch/migration/migration-lane.ts';
import { watcherSpans } from '../watch/migration/watcher-lane.ts';
import { notWatchingSince } from '../watch/standing.ts';
import type { ServerContext } from './context.ts';
import { findMigration } from './migrations-api.ts';
import { checkParameters, readTime } from './query.ts';
import { HttpError, json, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';
import { TimelineLog } from './timeline-log.ts';

const dayMs = 24 * 3_600_000;
/** Migrations whose spans one piece of work finds. */
const migrationsPerPiece = 250;

/** What `GET /api/timeline` answers. Times in seconds since 1970. */
export interface TimelineView {
  readonly from: number;
  readonly to: number;
  /** When a watcher ran and when none did. */
  readonly watcher: readonly Span[];
  /** The phases of each migration and what lies over them, by `groupId/liveMigrationId`. */
  readonly migrations: Readonly<Record<string, readonly Span[]>>;
}

/**
 * Returns the handler of `GET /api/timeline`: the phases of all migrations between `from` and `to`, and when the watcher
 * ran; by default of the last 24 hours, and with `migration` of that one alone. Nothing of it lies after now.
 */
export function createTimeline() {
  const log = new TimelineLog();
  const firstLags = new Map<string, readonly LagSample[]>();

  return async (context: ServerContext, { query }: RouteRequest): Promise<Reply> => {
    const { store, watch, startedAt } = context;
    checkParameters(query, ['from', 'to', 'migration']);
    const now = context.now();
    const to = readTime(query, 'to', now, now);
    const from = readTime(query, 'from', now, to - dayMs);
    if (from >= to) throw new HttpError(400, 'Write from as a time before to.');
    const snapshots = watch.snapshots();
    const only = query.get('migration');
    const asked = only === null ? snapshots : [findMigration(context, only)];
    await log.update(store, () => setImmediate());

    const migrations: Record<string, readonly Span[]> = {};
    for (const [index, one] of asked.entries()) {
      migrations[keyOf(one.target)] = within(await spansOf(one, store, now), from, to);
      if (index % migrationsPerPiece === migrationsPerPiece - 1) await setImmediate();
    }
    const states = snapshots.flatMap(({ state }) => state ?? []);
    const stuckSince = notWatchingSince(watch.liveness(), now) ?? now;
    const watcher: readonly Span[] = [
      ...watcherSpans(states, startedAt, stuckSince),
      ['not_watching', stuckSince, now],
    ];
    return json({
      from: seconds(from),
      to: seconds(to),
      watcher: within(watcher, from, to),
      migrations,
    } satisfies TimelineView);
  };

  async function spansOf(
    { target, state }: MigrationSnapshot,
    store: ServerContext['store'],
    now: number,
  ): Promise<readonly Span[]> {
    const key = keyOf(target);
    const events = log.eventsOf(target);
    const lags = firstLags.get(key) ?? [];
    const spans = migrationSpans(events, lags, state, now);
    const [, from, until] = spans.find((span) => isWithoutLag(span, lags)) ?? [];
    if (from === undefined || until === undefined) return spans;
    // The first lag ends the initial copy.
    const [first] = await store.samples(target, from, 1);
    if (first === undefined || first.observedAt > until) return spans;
    const withFirst = [...lags, first];
    firstLags.set(key, withFirst);
    return migrationSpans(events, withFirst, state, now);
  }
}

function isWithoutLag([name, from, to]: Span, lags: readonly LagSample[]): boolean {
  if (name !== 'initial_copy' && name !== 'copying') return false;
  return !lags.some(({ observedAt }) => observedAt >= from && observedAt <= to);
}

/** Returns the parts of spans that are between two moments (ms since 1970), in seconds. */
function within(spans: readonly Span[], from: number, to: number): readonly Span[] {
  return spans.flatMap(([name, begin, end]): Span[] => {
    const span: Span = [name, seconds(Math.max(begin, from)), seconds(Math.min(end, to))];
    return span[2] > span[1] ? [span] : [];
  });
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
