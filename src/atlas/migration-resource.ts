import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';
import { cleanText } from './clean-text.ts';

export type ApiVersion = 'v1.0' | 'v2';

/** One push live migration: its project (group) id and its own id, 24 lower-case hexadecimal digits each. */
export interface MigrationId {
  readonly groupId: string;
  readonly liveMigrationId: string;
}

/** Returns the identity of a migration, which does not depend on its name. */
export function keyOf({ groupId, liveMigrationId }: MigrationId): string {
  return `${groupId}/${liveMigrationId}`;
}

/** Returns the path of one push live migration ("Return One Migration Job", Atlas Administration API). */
export function migrationPath(version: ApiVersion, { groupId, liveMigrationId }: MigrationId): string {
  return `/api/atlas/${version}/groups/${groupId}/liveMigrations/${liveMigrationId}`;
}

/** Returns the `Accept` header. The v2 resource exists in one dated version only. */
export function acceptHeader(version: ApiVersion): string {
  return version === 'v2' ? 'application/vnd.atlas.2023-01-01+json' : 'application/json';
}

/** The contents of one reply. A field that is missing or null in the reply is absent. */
export interface MigrationReading {
  readonly status?: string;
  readonly readyForCutover?: boolean;
  readonly lagTimeSeconds?: number;
  readonly migrationHosts?: readonly string[];
}

const maxHosts = 50;

const replySchema = z.object({
  _id: z.string().nullish(),
  status: z.string().nullish(),
  readyForCutover: z.boolean().nullish(),
  lagTimeSeconds: z.number().nullish(),
  migrationHosts: z.union([z.string(), z.array(z.string())]).nullish(),
});

/**
 * Reads the body of a live migration reply. It is as lenient as the examples of the documentation require: every field
 * may be absent or null, hosts may be one string or a list, and any status is kept.
 *
 * Throws an {@link AtlasError} of kind `bad_reply` if the body is not JSON, has wrong types, has none of the
 * documented fields, or has the `_id` of another migration.
 * Source: "Return One Migration Job", Atlas Administration API.
 */
export function parseMigrationReply(body: string, liveMigrationId: string): MigrationReading {
  const reply = replySchema.safeParse(parseJson(body));
  if (!reply.success) {
    const fields = reply.error.issues.map((issue) => issue.path[0]?.toString() ?? 'the whole body');
    throw badReply(`The reply has a value of the wrong type: ${[...new Set(fields)].join(', ')}.`);
  }
  const { _id, status, readyForCutover, lagTimeSeconds, migrationHosts } = reply.data;
  if (typeof _id === 'string' && _id !== liveMigrationId)
    throw badReply(`The reply is about another live migration (_id ${cleanText(_id, 40)}).`);
  if (Object.values(reply.data).every((value) => value === undefined || value === null))
    throw badReply('The reply holds none of the fields of a live migration.');
  return {
    ...(typeof status === 'string' && { status: cleanText(status, 100) }),
    ...(typeof readyForCutover === 'boolean' && { readyForCutover }),
    ...(typeof lagTimeSeconds === 'number' && { lagTimeSeconds }),
    ...(migrationHosts !== null &&
      migrationHosts !== undefined && { migrationHosts: hostList(migrationHosts) }),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badReply(body.trim() === '' ? 'The reply is empty.' : 'The reply is not JSON.');
  }
}

function hostList(hosts: string | readonly string[]): string[] {
  const list = typeof hosts === 'string' ? [hosts] : hosts;
  const clean = list.map((host) => cleanText(host, 255));
  // Sorted, so that the order of the reply does not change which hosts are kept.
  return clean.length > maxHosts ? [...clean.toSorted().slice(0, maxHosts), '… [cut]'] : clean;
}

function badReply(detail: string): AtlasError {
  return new AtlasError({ kind: 'bad_reply', httpStatus: 200, detail });
}
