import type { MigrationView } from '../server/migration-view.ts';
import type { Filter } from './route.ts';
import { isStatus, type Status, statusOf, statusWord } from './status.ts';

/** Returns the labels of a migration as routes write them: `name:value`. */
export function labelsOf({ labels = {} }: Pick<MigrationView, 'labels'>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}:${value}`);
}

const needing: ReadonlySet<Status> = new Set([
  'overdue',
  'unknown',
  'ready',
  'failed',
  'unreachable',
  'stalled',
]);

/** Returns whether somebody has to look at, or do something about, what has this status. */
export function needsAttention(status: Status): boolean {
  return needing.has(status);
}

/** Returns whether a migration passes the whole filter. `now` in ms since 1970. */
export function isShown(view: MigrationView, filter: Filter, now: number): boolean {
  const { status, needsMe } = filter;
  const own = statusOf(view, now);
  if (status !== undefined && own !== status) return false;
  if (needsMe === true && !needsAttention(own)) return false;
  return isLeft(view, filter, now);
}

/**
 * Returns whether a migration passes the search and the labels: a label of each name, and every searched word; the case
 * of words is ignored.
 */
export function isLeft(view: MigrationView, { search, labels }: Filter, now: number): boolean {
  const own = labelsOf(view);
  const isOfName = (name: string): boolean =>
    labels.some((label) => nameOf(label) === name && own.includes(label));
  if (!labels.every((label) => isOfName(nameOf(label)))) return false;
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return true;
  const { migration, groupId, liveMigrationId, status = '', migrationHosts = [] } = view;
  const text = [migration, groupId, liveMigrationId, status, ...own, ...migrationHosts]
    .join('\n')
    .toLowerCase();
  const standing = statusWord(view, now).toLowerCase();
  return words.every(
    (word, index) => text.includes(word) || isOfStanding(standing, word, words[index - 1] ?? ''),
  );
}

/** A word for where a migration stands is found by its beginning: "ready" is not "nearly ready". */
function isOfStanding(standing: string, word: string, before: string): boolean {
  return standing.startsWith(word) || (before !== '' && standing.includes(`${before} ${word}`));
}

function nameOf(label: string): string {
  return label.slice(0, label.indexOf(':'));
}

/** Returns the number of migrations by status. `now` in ms since 1970. */
export function countByStatus(views: readonly MigrationView[], now: number): ReadonlyMap<Status, number> {
  const numbers = new Map<Status, number>();
  for (const view of views) {
    const status = statusOf(view, now);
    numbers.set(status, (numbers.get(status) ?? 0) + 1);
  }
  return numbers;
}

/** Returns how many of these need attention. */
export function countNeeding(numbers: ReadonlyMap<string, number>): number {
  return [...numbers].reduce(
    (sum, [status, number]) => (isStatus(status) && needsAttention(status) ? sum + number : sum),
    0,
  );
}
