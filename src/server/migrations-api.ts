import { closest } from '../config/suggest.ts';
import { isoTime } from '../watch/migration-record.ts';
import type { Watched } from '../watch/watch.ts';
import { type MigrationView, migrationView } from './migration-view.ts';
import { readMoment, refuseUnknown } from './query.ts';
import { json, type Reply, refusal } from './reply.ts';
import type { Sources } from './sources.ts';

const dayMs = 24 * 3_600_000;
const samplesAtOnce = 10_000;

/** Returns what the API tells of one migration, without secrets. */
export function viewOf(one: Watched, { now, policy, redact }: Sources): MigrationView {
  return redact(migrationView(one, now(), policy()));
}

/** All migrations, in the order of the configuration. */
export function listMigrations(sources: Sources, query: URLSearchParams): Reply {
  const migrations = sources.watched().map((one) => viewOf(one, sources));
  return refuseUnknown(query, []) ?? json({ time: isoTime(sources.now()), migrations });
}

/** One migration, by its name or its live migration id. */
export function oneMigration(sources: Sources, query: URLSearchParams, name: string): Reply {
  const one = find(sources.watched(), name);
  if (one === undefined) return unknownMigration(sources.watched(), name);
  return refuseUnknown(query, []) ?? json(viewOf(one, sources));
}

/** The lag samples of one migration since a moment, oldest first; `next` says where to go on if there are more. */
export function lagOf(sources: Sources, query: URLSearchParams, name: string): Reply {
  const one = find(sources.watched(), name);
  if (one === undefined) return unknownMigration(sources.watched(), name);
  const unknown = refuseUnknown(query, ['since']);
  if (unknown !== undefined) return unknown;
  const now = sources.now();
  const since = readMoment(query, 'since', now, now - dayMs);
  if (!since.ok) return since.reply;
  const { name: migration, groupId, liveMigrationId } = one.target;
  const found = sources.store.samples(groupId, liveMigrationId, since.value, samplesAtOnce + 1);
  const samples = found.map(({ observedAt, lagTimeSeconds }) => ({
    observedAt: isoTime(observedAt),
    lagTimeSeconds,
  }));
  const next = samples[samplesAtOnce]?.observedAt;
  return json({
    migration,
    since: isoTime(since.value),
    samples: samples.slice(0, samplesAtOnce),
    ...(next !== undefined && { next }),
  });
}

function find(all: readonly Watched[], name: string): Watched | undefined {
  return (
    all.find(({ target }) => target.name === name) ??
    all.find(({ target }) => target.liveMigrationId === name)
  );
}

function unknownMigration(all: readonly Watched[], name: string): Reply {
  const near = closest(
    name,
    all.map(({ target }) => target.name),
  );
  const remedy = near === undefined ? 'GET /api/migrations lists them.' : `Did you mean ${near}?`;
  return refusal(404, `No migration of this name or live migration id is watched. ${remedy}`);
}
