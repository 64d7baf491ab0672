import type { MigrationView } from '../server/migration-view.ts';
import type { Filter } from './route.ts';
import { statusOf, statusWord } from './status.ts';

/** Returns the labels of a migration as routes write them: `name:value`. */
export function labelsOf({ labels = {} }: Pick<MigrationView, 'labels'>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}:${value}`);
}

/** Returns whether a migration has the status, all labels and every searched word; the case of words is ignored. */
export function isShown(
  view: MigrationView,
  { search, labels, status: wanted }: Filter,
  now: number,
): boolean {
  if (wanted !== undefined && statusOf(view, now) !== wanted) return false;
  const own = labelsOf(view);
  if (!labels.every((label) => own.includes(label))) return false;
  if (search.trim() === '') return true;
  const { migration, groupId, liveMigrationId, status = '', migrationHosts = [] } = view;
  const text = [migration, groupId, liveMigrationId, status, statusWord(view, now), ...own, ...migrationHosts]
    .join('\n')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
