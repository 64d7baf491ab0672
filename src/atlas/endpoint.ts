export type ApiVersion = 'v1.0' | 'v2';

/** One push live migration: its project (group) id and its own id, 24 lower-case hexadecimal digits each. */
export interface MigrationId {
  readonly groupId: string;
  readonly liveMigrationId: string;
}

/** Returns the path of one push live migration ("Return One Migration Job", Atlas Administration API). */
export function migrationPath(version: ApiVersion, { groupId, liveMigrationId }: MigrationId): string {
  return `/api/atlas/${version}/groups/${groupId}/liveMigrations/${liveMigrationId}`;
}

/** Returns the `Accept` header: the v2 resource exists in one dated version only and is asked for by it. */
export function acceptHeader(version: ApiVersion): string {
  return version === 'v2' ? 'application/vnd.atlas.2023-01-01+json' : 'application/json';
}
