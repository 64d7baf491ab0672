import type { MigrationView } from '../server/migration-view.ts';
import type { Filter } from './route.ts';
import { standingOf, wordOf } from './status.ts';

/** Returns the labels of a migration as routes write them. */
export function labelsOf({ labels = {} }: Pick<MigrationView, 'labels'>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}:${value}`);
}

/** Returns whether a migration has all the labels and every word that is searched for, whatever its case. */
export function isShown(view: MigrationView, { search, labels, standing }: Filter): boolean {
  if (standing !== undefined && standingOf(view) !== standing) return false;
  const own = labelsOf(view);
  if (!labels.every((label) => own.includes(label))) return false;
  if (search.trim() === '') return true;
  const { migration, groupId, liveMigrationId, status = '', migrationHosts = [] } = view;
  const text = [migration, groupId, liveMigrationId, status, wordOf(view), ...own, ...migrationHosts]
    .join('\n')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
