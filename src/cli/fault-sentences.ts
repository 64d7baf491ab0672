import type { AtlasError } from '../atlas/atlas-error.ts';

/** A migration that could not be read. */
export interface Unread {
  readonly name: string;
  readonly error: AtlasError;
}

const maxNames = 5;

/**
 * Returns what could not be read, why, and what to do: one sentence for all that fail in the same way. `count` is how
 * many migrations there are.
 */
export function faultSentences(unread: readonly Unread[], count: number): string[] {
  const groups = Map.groupBy(unread, ({ error }) => `${error.detail} ${error.remedy}`);
  return [...groups].map(([why, alike]) =>
    alike.length === count && count > 1
      ? `None of ${count} migrations could be read: ${why}`
      : `${listNames(alike.map(({ name }) => name))} couldn't be read: ${why}`,
  );
}

/** Returns names in one line, the first few of many: `a, b, c and 7 more`. */
export function listNames(names: readonly string[]): string {
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  return `${names.slice(0, maxNames).join(', ')}${more}`;
}
