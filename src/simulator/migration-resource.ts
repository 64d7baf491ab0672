import { errorReply, type Reply } from './reply.ts';
import type { MigrationScript } from './scripts.ts';

type ResourceRequest = {
  readonly method: string;
  /** Path plus query. */
  readonly target: string;
  readonly accept: string | undefined;
};

const MIGRATION_PATH =
  /^\/api\/atlas\/(?<version>v1\.0|v2)\/groups\/(?<groupId>[^/]+)\/liveMigrations\/(?<liveMigrationId>[^/]+)$/;
const V2_MEDIA_TYPE = 'application/vnd.atlas.2023-01-01+json';

/**
 * Returns the reply to an authenticated request, from the scripts in `migrations` (key `groupId/liveMigrationId`). A
 * project exists if at least one script belongs to it.
 */
export function answerMigration(
  { method, target, accept }: ResourceRequest,
  migrations: ReadonlyMap<string, MigrationScript>,
  now: number,
): Reply {
  if (method !== 'GET') {
    const detail = `The ${method} method is not allowed on this resource.`;
    return errorReply(405, { errorCode: 'UNEXPECTED_ERROR', detail }, { Allow: 'GET' });
  }
  const [path = ''] = target.split('?', 1);
  const { version, groupId, liveMigrationId } = MIGRATION_PATH.exec(path)?.groups ?? {};
  if (groupId === undefined || liveMigrationId === undefined) {
    return resourceNotFound(path);
  }
  if (version === 'v2' && accept?.trim() !== V2_MEDIA_TYPE) {
    const detail = `The Accept header must be ${V2_MEDIA_TYPE}.`;
    return errorReply(406, { errorCode: 'UNEXPECTED_ERROR', detail });
  }
  const script = migrations.get(`${groupId}/${liveMigrationId}`);
  if (script === undefined && !hasGroup(migrations, groupId)) {
    const detail = `No group with ID ${groupId} exists.`;
    return errorReply(404, { errorCode: 'GROUP_NOT_FOUND', detail, parameters: [groupId] });
  }
  const body = script?.(now);
  if (body === undefined) {
    return resourceNotFound(path);
  }
  const contentType = version === 'v2' ? `${V2_MEDIA_TYPE};charset=utf-8` : 'application/json';
  return { status: 200, headers: { 'Content-Type': contentType }, body: JSON.stringify(body) };
}

function resourceNotFound(path: string): Reply {
  const detail = `Cannot find resource ${path}.`;
  return errorReply(404, { errorCode: 'RESOURCE_NOT_FOUND', detail, parameters: [path] });
}

function hasGroup(migrations: ReadonlyMap<string, MigrationScript>, groupId: string): boolean {
  return [...migrations.keys()].some((key) => key.startsWith(`${groupId}/`));
}
