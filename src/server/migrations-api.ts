import { closest } from '../config/suggest.ts';
import type { LagSample } from '../state/store.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import { isoTime } from '../watch/migration/event-draft.ts';
import type { ServerContext } from './context.ts';
import { type MigrationView, migrationView } from './migration-view.ts';
import { readCount, readMoment, refuseUnknown } from './query.ts';
import { json, type Reply, refusal } from './reply.ts';
import { watcherView } from './watcher-view.ts';

const dayMs = 24 * 3_600_000;
const samplesAtOnce = 10_000;

/** Returns what the API tells of one migration, without secrets. */
export function viewOf(one: MigrationSnapshot, { now, policy, redact }: ServerContext): MigrationView {
  return redact(migrationView(one, now(), policy()));
}

/**
 * The watcher and all migrations, in the order of the configuration; with `samples`, each with that many of the lag
 * samples behind its trend.
 */
export function listMigrations(sources: ServerContext, query: URLSearchParams): Reply {
  const unknown = refuseUnknown(query, ['samples']);
  if (unknown !== undefined) return unknown;
  const count = readCount(query, 'samples', { most: 100, usual: 0 });
  if (!count.ok) return count.reply;
  const migrations = sources.watched().map((one) => ({
    ...viewOf(one, sources),
    ...(count.value > 0 && { samples: evenly(one.samples, count.value).map(sampleView) }),
  }));
  return json({ time: isoTime(sources.now()), watcher: watcherView(sources), migrations });
}

/** One migration, by its name or its live migration id. */
export function oneMigration(sources: ServerContext, query: URLSearchParams, name: string): Reply {
  const one = find(sources.watched(), name);
  if (one === undefined) return unknownMigration(sources.watched(), name);
  return refuseUnknown(query, []) ?? json(viewOf(one, sources));
}

/** The lag samples of one migration since a moment, oldest first; `next` says where to go on if there are more. */
export function lagOf(sources: ServerContext, query: URLSearchParams, name: string): Reply {
  const one = find(sources.watched(), name);
  if (one === undefined) return unknownMigration(sources.watched(), name);
  const unknown = refuseUnknown(query, ['since']);
  if (unknown !== undefined) return unknown;
  const now = sources.now();
  const since = readMoment(query, 'since', now, now - dayMs);
  if (!since.ok) return since.reply;
  const { name: migration, groupId, liveMigrationId } = one.target;
  const stored = sources.store.samples(groupId, liveMigrationId, since.value, samplesAtOnce + 1);
  const samples = [...stored, ...newerThan(stored, one.samples, since.value)].map(sampleView);
  const next = samples[samplesAtOnce]?.observedAt;
  return json({
    migration,
    since: isoTime(since.value),
    samples: samples.slice(0, samplesAtOnce),
    ...(next !== undefined && { next }),
  });
}

/** The latest recorded events of one migration, oldest first. */
export function eventsOf(sources: ServerContext, query: URLSearchParams, name: string): Reply {
  const one = find(sources.watched(), name);
  if (one === undefined) return unknownMigration(sources.watched(), name);
  const unknown = refuseUnknown(query, ['last']);
  if (unknown !== undefined) return unknown;
  const last = readCount(query, 'last', { most: 1_000, usual: 100 });
  if (!last.ok) return last.reply;
  const { name: migration } = one.target;
  const events = sources.store.latestEvents(last.value, migration).map(sources.publicRecord);
  return json({ migration, events });
}

/** Returns the samples that the store does not have yet: it gets them a moment later, or much later while it fails. */
function newerThan(
  stored: readonly LagSample[],
  known: readonly LagSample[],
  since: number,
): readonly LagSample[] {
  const latest = stored.at(-1)?.observedAt ?? since - 1;
  return known.filter(({ observedAt }) => observedAt > latest);
}

function sampleView({ observedAt, lagTimeSeconds }: LagSample) {
  return { observedAt: isoTime(observedAt), lagTimeSeconds };
}

/** Returns at most `count` of the samples, the latest among them. */
function evenly(samples: readonly LagSample[], count: number): readonly LagSample[] {
  const step = Math.max(1, Math.ceil(samples.length / count));
  return samples.filter((_, index) => (samples.length - 1 - index) % step === 0);
}

function find(all: readonly MigrationSnapshot[], name: string): MigrationSnapshot | undefined {
  return (
    all.find(({ target }) => target.name === name) ??
    all.find(({ target }) => target.liveMigrationId === name)
  );
}

function unknownMigration(all: readonly MigrationSnapshot[], name: string): Reply {
  const near = closest(
    name,
    all.map(({ target }) => target.name),
  );
  const remedy = near === undefined ? 'GET /api/migrations lists them.' : `Did you mean ${near}?`;
  return refusal(404, `No migration of this name or live migration id is watched. ${remedy}`);
}
