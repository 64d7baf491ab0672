import { distance } from 'fastest-levenshtein';

/**
 * The largest product of the length of a word and the number of candidates. Strangers may ask over HTTP, on the thread
 * that polls: a suggestion takes less than a millisecond.
 */
const MAX_WORK = 5_000;

/**
 * Returns the candidate a person most likely meant by `word`, or undefined when none is near: one that differs only
 * in letter case, underscores or hyphens, else the nearest within half of the word's length (three edits at most).
 * Also returns undefined, without looking, when there is too much to compare: more than 500 candidates for ten letters.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length * candidates.length > MAX_WORK) return undefined;
  const same = sameSpelling(word, candidates);
  if (same !== undefined) return same;
  const plain = spelling(word);
  // Two letters in the wrong order count as two edits.
  const limit = Math.min(3, Math.floor(plain.length / 2));
  const near = candidates
    // A longer one is more edits away, even if half of it are hyphens.
    .filter(({ length }) => length <= 2 * (plain.length + limit))
    .map((candidate) => ({ candidate, plain: spelling(candidate) }))
    // The lengths alone are that many edits apart, and a long text is not worth comparing.
    .filter((one) => Math.abs(one.plain.length - plain.length) <= limit)
    .map((one) => ({ candidate: one.candidate, edits: distance(plain, one.plain) }))
    .filter(({ edits }) => edits <= limit);
  return near.toSorted((one, other) => one.edits - other.edits)[0]?.candidate;
}

/** Returns the candidate that is `word` but for letter case, underscores and hyphens. */
export function sameSpelling(word: string, candidates: readonly string[]): string | undefined {
  const plain = spelling(word);
  return candidates.find((candidate) => spelling(candidate) === plain);
}

/** Returns a word in lower case without underscores and hyphens, so that `group_id` and `groupId` are the same. */
export function spelling(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, '');
}
