import { setImmediate } from 'node:timers/promises';
import { closest } from '../config/suggest.ts';
import type { LagSample } from '../state/store.ts';
import { thinned } from '../state/thin-samples.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import { isoTime } from '../watch/migration/event-draft.ts';
import { listSamples } from '../watch/migration/lag-samples.ts';
import { trendSamples } from '../watch/migration/lag-trend.ts';
import type { ServerContext } from './context.ts';
import { type MigrationView, migrationView } from './migration-view.ts';
import { checkParameters, readCount, readTime } from './query.ts';
import { etagOf, HttpError, json, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';
import { shownEvent } from './shown-event.ts';
import { watcherView } from './watcher-view.ts';

const dayMs = 24 * 3_600_000;
const samplesPerPage = 10_000;

/** Returns the view of one migration, without secrets. */
export function viewOf(one: MigrationSnapshot, { now, watch, redact }: ServerContext): MigrationView {
  return redact.data(migrationView(one, now(), watch.settings().policyOf(one.target)));
}

/**
 * `GET /api/migrations`: the watcher and all migrations, in the order of the configuration; with `samples`, each with
 * up to that many of the lag samples that its trend is computed from. The entity tag covers all but what the clock alone
 * changes: a client that has it knows everything.
 */
export function listMigrations(context: ServerContext, { query }: RouteRequest): Reply {
  checkParameters(query, ['samples']);
  const count = readCount(query, 'samples', { max: 100, fallback: 0 });
  const migrations = context.watch.snapshots().map((one) => ({
    ...viewOf(one, context),
    ...(count > 0 && { samples: shownSamples(thinOut(trendSamples(one.samples), count), one) }),
  }));
  const watcher = watcherView(context);
  const lasting = {
    watcher: { ...watcher, time: undefined },
    migrations: migrations.map((one) => ({ ...one, remainingSeconds: undefined })),
  };
  return json({ time: watcher.time, watcher, migrations }, 200, {
    etag: etagOf(JSON.stringify(lasting)),
  });
}

/** `GET /api/migrations/{name}`: one migration, by its name or its live migration id. */
export function oneMigration(context: ServerContext, { query, name }: RouteRequest): Reply {
  const one = findMigration(context, name);
  checkParameters(query, []);
  return json(viewOf(one, context));
}

/**
 * `GET /api/migrations/{name}/lag`: lag samples from `since` on, oldest first, a thinned one with the `lowest` and
 * `highest` of those it stands for. With `points`, all of them, thinned to that many; else `next` is the `since` of the
 * following page.
 */
export async function lagOf(context: ServerContext, { query, name }: RouteRequest): Promise<Reply> {
  const { target, samples: recent } = findMigration(context, name);
  checkParameters(query, ['since', 'points']);
  const now = context.now();
  const since = readTime(query, 'since', now, now - dayMs);
  const head = { migration: target.name, since: isoTime(since) };
  if (query.has('points')) {
    const points = readCount(query, 'points', { max: samplesPerPage / 2, fallback: 1 });
    const stored = await thinnedSamples(context, target, since, points);
    const samples = [...stored, ...newerThan(stored, listSamples(recent), since)];
    return json({ ...head, samples: samples.map(sampleView) });
  }
  const stored = await context.store.samples(target, since, samplesPerPage + 1);
  const samples = [...stored, ...newerThan(stored, listSamples(recent), since)].map(sampleView);
  const next = samples[samplesPerPage]?.observedAt;
  return json({ ...head, samples: samples.slice(0, samplesPerPage), ...(next !== undefined && { next }) });
}

/** Resolves to the stored samples since a moment: all, or, where they are more than `count`, at most `count` for all of them. */
async function thinnedSamples(
  { store, now }: ServerContext,
  target: MigrationSnapshot['target'],
  since: number,
  count: number,
): Promise<readonly LagSample[]> {
  let page = await store.samples(target, since, samplesPerPage);
  if (page.length <= count) return page;
  // Spans begin at multiples of their length, so that there may be one more of them.
  const spanMs = Math.ceil((now() - (page[0]?.observedAt ?? since)) / Math.max(1, count - 1));
  let samples = thinned(page, spanMs);
  while (page.length === samplesPerPage) {
    await setImmediate();
    page = await store.samples(target, (page.at(-1)?.observedAt ?? since) + 1, samplesPerPage);
    samples = thinned([...samples, ...page], spanMs);
  }
  return samples;
}

/** `GET /api/migrations/{name}/events`: the latest events of one migration and of the scopes that cover it, oldest first. */
export async function eventsOf(context: ServerContext, { query, name }: RouteRequest): Promise<Reply> {
  const { target } = findMigration(context, name);
  checkParameters(query, ['last']);
  const last = readCount(query, 'last', { max: 1_000, fallback: 100 });
  const events = await context.store.latestEvents(last, target);
  return json({ migration: target.name, events: events.map((record) => shownEvent(record, context)) });
}

/** Returns the samples that are not stored yet: for up to three minutes, or longer while the store fails. */
export function newerThan(
  stored: readonly LagSample[],
  recent: readonly LagSample[],
  since: number,
): readonly LagSample[] {
  const latest = stored.at(-1)?.observedAt ?? since - 1;
  return recent.filter(({ observedAt }) => observedAt > latest);
}

/** Lag samples of a list, by column: as objects with times, they are twice as many bytes, compressed too. */
export interface ShownSamples {
  /** For each sample, how long before the `observedAt` of its migration it was observed, in whole seconds. */
  readonly secondsBefore: readonly number[];
  readonly lagTimeSeconds: readonly number[];
}

function shownSamples(samples: readonly LagSample[], { state }: MigrationSnapshot): ShownSamples {
  const readAt = state?.observation?.observedAt ?? samples.at(-1)?.observedAt ?? 0;
  return {
    secondsBefore: samples.map(({ observedAt }) => Math.round((readAt - observedAt) / 1000)),
    lagTimeSeconds: samples.map(({ lagTimeSeconds }) => lagTimeSeconds),
  };
}

function sampleView({ observedAt, ...sample }: LagSample) {
  return { observedAt: isoTime(observedAt), ...sample };
}

/** Returns at most `count` of the samples, evenly spaced, the latest among them. */
function thinOut(samples: readonly LagSample[], count: number): readonly LagSample[] {
  const step = Math.max(1, Math.ceil(samples.length / count));
  return samples.filter((_, index) => (samples.length - 1 - index) % step === 0);
}

/** Returns a migration by its name or its live migration id. Throws where none is watched. */
export function findMigration({ watch }: ServerContext, name: string): MigrationSnapshot {
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
