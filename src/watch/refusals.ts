import type { AtlasError } from '../atlas/atlas-error.ts';
import type { Target } from './migration/target.ts';

/** What of a migration tells whether it shares a refusal of the credentials. */
export interface Refusable {
  readonly target: Pick<Target, 'groupId'>;
  /** How its latest poll of this run ended; undefined before it. */
  readonly latest: 'read' | AtlasError | undefined;
}

/**
 * Returns those that need no poll of their own: the credentials were refused for all migrations, or for all of a
 * project, and the first of them is polled for the others. Atlas may lock credentials that are refused too often.
 */
export function sparedOf<One extends Refusable>(all: readonly One[]): ReadonlySet<One> {
  return new Set(groupsOf(all).flatMap((group) => group.slice(1)));
}

/** Returns the others for which a poll of this one speaks, or would. */
export function refusedTogether<One extends Refusable>(all: readonly One[], one: One): readonly One[] {
  if (!isRefused(one)) return [];
  const { groupId } = one.target;
  const group = all.every(isRefused) ? all : all.filter(({ target }) => target.groupId === groupId);
  return group.every(isRefused) ? group.filter((other) => other !== one) : [];
}

function groupsOf<One extends Refusable>(all: readonly One[]): readonly (readonly One[])[] {
  if (!all.some(isRefused)) return [];
  if (all.every(isRefused)) return [all];
  return [...Map.groupBy(all, ({ target }) => target.groupId).values()].filter((project) =>
    project.every(isRefused),
  );
}

/** Returns whether the credentials were refused when it was polled last. */
export function isRefused({ latest }: Pick<Refusable, 'latest'>): boolean {
  return latest !== undefined && latest !== 'read' && latest.kind === 'unauthorized';
}
