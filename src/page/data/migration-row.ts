import type { MigrationView } from '../../server/migration-view.ts';

/** What the page knows of one migration. */
export interface MigrationRow {
  readonly view: MigrationView;
}

/** Returns the key of a migration, which stays the same when a reload changes its name. */
export function keyOf({
  groupId,
  liveMigrationId,
}: Pick<MigrationView, 'groupId' | 'liveMigrationId'>): string {
  return `${groupId}/${liveMigrationId}`;
}
