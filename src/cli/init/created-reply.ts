import type { DraftMigration } from './draft.ts';
import { readPasted } from './parse-ids.ts';

/** The ids in a reply of Atlas. The project is missing in some. */
export type CreatedMigration = Omit<DraftMigration, 'groupId'> & { readonly groupId: string | undefined };

/** More is no reply to a request for a migration. */
export const longestReply = 1_000_000;
const idShape = /^[0-9a-f]{24}$/;

/**
 * Returns the ids in the JSON that Atlas replies where a live migration is created, or in a list of such; a sentence if
 * there are none. The sentence does not quote the text.
 */
export function readCreated(text: string): readonly CreatedMigration[] | string {
  if (text.trim() === '') return 'Standard input is empty. Pipe the reply of Atlas into it.';
  if (text.length > longestReply) return 'Standard input is too long for a reply of Atlas.';
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch {
    return 'Standard input is not JSON. Pipe the reply of Atlas into it, without the headers (curl --silent, without --include).';
  }
  const found = (Array.isArray(reply) ? reply : [reply]).map(idsOf);
  const complete = found.filter((ids) => ids !== undefined);
  if (found.length > 0 && complete.length === found.length) return complete;
  const [first] = Array.isArray(reply) ? reply : [reply];
  return isObject(first) && ('error' in first || 'errorCode' in first)
    ? 'Standard input has an error of Atlas, not a migration: nothing was created.'
    : 'Standard input has no live migration id (_id). Pipe in the reply of Atlas to the request that created the migration.';
}

function idsOf(reply: unknown): CreatedMigration | undefined {
  if (!isObject(reply)) return undefined;
  const { _id: id, destination } = reply;
  const linked = linkedIds(reply);
  const liveMigrationId =
    idIn(id) ?? idIn(reply.liveMigrationId) ?? linked?.liveMigrationId ?? idIn(reply.id);
  if (liveMigrationId === undefined) return undefined;
  const groupId =
    idIn(reply.groupId) ??
    idIn(reply.projectId) ??
    linked?.groupId ??
    (isObject(destination) ? idIn(destination.groupId) : undefined);
  return { groupId, liveMigrationId };
}

/** The address of the migration is one of its links. */
function linkedIds({ links }: Readonly<Record<string, unknown>>) {
  if (!Array.isArray(links)) return undefined;
  for (const link of links) {
    const pasted = readPasted(isObject(link) && typeof link.href === 'string' ? link.href : '');
    if (pasted.kind === 'pair') return pasted;
  }
  return undefined;
}

function idIn(value: unknown): string | undefined {
  return typeof value === 'string' && idShape.test(value) ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
