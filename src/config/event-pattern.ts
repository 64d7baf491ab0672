import { closest } from './suggest.ts';

/** Returns whether a name fits a pattern, in which `*` stands for any characters. In linear time. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}

/**
 * Returns what is wrong with a pattern that no stored event fits, as the rest of a sentence; undefined where one does.
 * `all` has the events that are not stored, too.
 */
export function patternFault(
  pattern: string,
  stored: readonly string[],
  all: readonly string[],
): string | undefined {
  if (stored.some((name) => matchesPattern(pattern, name))) return undefined;
  if (all.some((name) => matchesPattern(pattern, name)))
    return 'names only events that are not stored, and so are never sent; remove it.';
  const families = new Set(stored.map((name) => name.replace(/\..*/, '.*')));
  const part = pattern.replaceAll('*', '');
  const near =
    closest(pattern, [...stored, ...families]) ?? stored.find((name) => part !== '' && name.includes(part));
  return near === undefined
    ? 'fits no event; config/events.md has their names. migration.* is all about migrations.'
    : `fits no event. Did you mean ${near}?`;
}
