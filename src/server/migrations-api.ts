import { closest } from '../config/suggest.ts';
import type { LagSample } from '../state/store.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import { isoTime } from '../watch/migration/event-draft.ts';
import { listSamples } from '../watch/migration/lag-samples.ts';
import { trendSamples } from '../watch/migration/lag-trend.ts';
import type { ServerContext } from './context.ts';
import { type MigrationView, migrationView } from './migration-view.ts';
import { checkParameters, readCount, readTime } from './query.ts';
import { HttpError, json, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';
import { watcherView } from './watcher-view.ts';

const dayMs = 24 * 3_600_000;
const samplesPerPage = 10_000;

/** Returns the view of one migration, without secrets. */
export function viewOf(one: MigrationSnapshot, { now, watch, redact }: ServerContext): MigrationView {
  return redact.data(migrationView(one, now(), watch.settings().policy));
}

/**
 * `GET /api/migrations`: the watcher and all migrations, in the order of the configuration; with `samples`, each with
 * up to that many of the lag samples that its trend is computed from.
 */
export function listMigrations(context: ServerContext, { query }: RouteRequest): Reply {
  checkParameters(query, ['samples']);
  const count = readCount(query, 'samples', { max: 100, fallback: 0 });
  const migrations = context.watch.snapshots().map((one) => ({
    ...viewOf(one, context),
    ...(count > 0 && { samples: thinOut(trendSamples(one.samples), count).map(sampleView) }),
  }));
  return json({ time: isoTime(context.now()), watcher: watcherView(context), migrations });
}

/** `GET /api/migrations/{name}`: one migration, by its name or its live migration id. */
export function oneMigration(context: ServerContext, { query, name }: RouteRequest): Reply {
  const one = find(context, name);
  checkParameters(query, []);
  return json(viewOf(one, context));
}

/** `GET /api/migrations/{name}/lag`: lag samples from `since` on, oldest first, a thinned one with the `lowest` and `highest` of its ten minutes; `next` is the `since` of the following page. */
export async function lagOf(context: ServerContext, { query, name }: RouteRequest): Promise<Reply> {
  const { target, samples: recent } = find(context, name);
  checkParameters(query, ['since']);
  const now = context.now();
  const since = readTime(query, 'since', now, now - dayMs);
  const stored = await context.store.samples(target, since, samplesPerPage + 1);
  const samples = [...stored, ...newerThan(stored, listSamples(recent), since)].map(sampleView);
  const next = samples[samplesPerPage]?.observedAt;
  return json({
    migration: target.name,
    since: isoTime(since),
    samples: samples.slice(0, samplesPerPage),
    ...(next !== undefined && { next }),
  });
}

/** `GET /api/migrations/{name}/events`: the latest events of one migration and of the scopes that cover it, oldest first. */
export async function eventsOf(context: ServerContext, { query, name }: RouteRequest): Promise<Reply> {
  const { target } = find(context, name);
  checkParameters(query, ['last']);
  const last = readCount(query, 'last', { max: 1_000, fallback: 100 });
  const events = await context.store.latestEvents(last, target);
  return json({ migration: target.name, events: events.map((record) => context.redact.event(record)) });
}

/** Returns the samples that are not stored yet: for up to a second, or longer while the store fails. */
function newerThan(
  stored: readonly LagSample[],
  recent: readonly LagSample[],
  since: number,
): readonly LagSample[] {
  const latest = stored.at(-1)?.observedAt ?? since - 1;
  return recent.filter(({ observedAt }) => observedAt > latest);
}

function sampleView({ observedAt, ...sample }: LagSample) {
  return { observedAt: isoTime(observedAt), ...sample };
}

/** Returns at most `count` of the samples, evenly spaced, the latest among them. */
function thinOut(samples: readonly LagSample[], count: number): readonly LagSample[] {
  const step = Math.max(1, Math.ceil(samples.length / count));
  return samples.filter((_, index) => (samples.length - 1 - index) % step === 0);
}

function find({ watch }: ServerContext, name: string): MigrationSnapshot {
  const all = watch.snapshots();
  const found =
    all.find(({ target }) => target.name === name) ??
    all.find(({ target }) => target.liveMigrationId === name);
  if (found !== undefined) return found;
  const near = closest(
    name,
    all.map(({ target }) => target.name),
  );
  const remedy = near === undefined ? 'GET /api/migrations lists them.' : `Did you mean ${near}?`;
  throw new HttpError(404, `No migration of this name or live migration id is watched. ${remedy}`);
}
