import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';
import { quote } from './quote.ts';
import type { HttpReply } from './transport.ts';

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

/** What one reply says. */
export interface MigrationReply {
  readonly reading: MigrationReading;
  /** Whether it has the `_id` of the migration. Otherwise nothing shows that it is about this migration. */
  readonly isIdentified: boolean;
}

const maxHosts = 50;
/** What the documentation of Atlas calls the states of a migration; others are kept as they are. */
export const documentedStatuses: ReadonlySet<string> = new Set([
  'NEW',
  'WORKING',
  'FAILED',
  'COMPLETE',
  'EXPIRED',
]);

/** One issue for the whole list: a reply of 1 MiB has room for half a million values of the wrong type. */
const texts = z.custom<readonly string[]>(
  (list) => Array.isArray(list) && list.every((item) => typeof item === 'string'),
);

const replySchema = z.object({
  _id: z.string().nullish(),
  status: z.string().nullish(),
  readyForCutover: z.boolean().nullish(),
  lagTimeSeconds: z.number().nullish(),
  migrationHosts: z.union([z.string(), texts]).nullish(),
});

/**
 * Reads the body of a live migration reply. It is as lenient as the examples of the documentation require: every field
 * may be absent or null, hosts may be one string or a list, and any status is kept.
 *
 * Throws an {@link AtlasError} of kind `bad_reply` if the body is not JSON, has wrong types, has none of the
 * documented fields, or has the `_id` of another migration.
 * Source: "Return One Migration Job", Atlas Administration API.
 */
export function parseMigrationReply(
  reply: Pick<HttpReply, 'body' | 'redact'>,
  liveMigrationId: string,
): MigrationReply {
  const parsed = replySchema.safeParse(parseJson(reply.body));
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path[0]?.toString() ?? 'the whole body');
    throw badReply(`The reply has a value of the wrong type: ${[...new Set(fields)].join(', ')}.`);
  }
  const { _id, status, readyForCutover, lagTimeSeconds, migrationHosts } = parsed.data;
  if (typeof _id === 'string' && _id !== liveMigrationId)
    throw badReply(`The reply is about another live migration (_id ${quote(reply, _id, 40) ?? 'empty'}).`);
  if (Object.values(parsed.data).every((value) => value === undefined || value === null))
    throw badReply('The reply holds none of the fields of a live migration.');
  return {
    isIdentified: typeof _id === 'string',
    reading: {
      ...withStatus(reply, status),
      ...(typeof readyForCutover === 'boolean' && { readyForCutover }),
      ...(typeof lagTimeSeconds === 'number' && { lagTimeSeconds }),
      ...(migrationHosts !== null &&
        migrationHosts !== undefined && { migrationHosts: hostList(reply, migrationHosts) }),
    },
  };
}

/** Whether a reply alone would end the watch of a migration although it does not name it. */
export function needsConfirmation({ isIdentified, reading: { status } }: MigrationReply): boolean {
  return !isIdentified && (status === 'COMPLETE' || status === 'FAILED' || status === 'EXPIRED');
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badReply(body.trim() === '' ? 'The reply is empty.' : 'The reply is not JSON.');
  }
}

/** The five documented statuses are kept as they are. Any other is text of the server. */
function withStatus(
  reply: Pick<HttpReply, 'redact'>,
  status: string | null | undefined,
): { status?: string } {
  if (typeof status !== 'string') return {};
  const shown = documentedStatuses.has(status) ? status : quote(reply, status, 100);
  return shown === undefined ? {} : { status: shown };
}

function hostList(reply: Pick<HttpReply, 'redact'>, hosts: string | readonly string[]): string[] {
  const list = typeof hosts === 'string' ? [hosts] : hosts;
  // Sorted, so that the order of the reply does not change which hosts are kept.
  const kept = list.length > maxHosts ? list.toSorted().slice(0, maxHosts) : list;
  const clean = kept.map((host) => quote(reply, host, 255)).filter((host) => host !== undefined);
  return list.length > maxHosts ? [...clean, '… [cut]'] : clean;
}

function badReply(detail: string): AtlasError {
  return new AtlasError({ kind: 'bad_reply', httpStatus: 200, detail });
}
