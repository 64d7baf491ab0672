/**
 * Returns the candidate a person most likely meant by `word`, or undefined when none is near: one that differs only
 * in letter case, underscores or hyphens, else the nearest within a third of the word's length (three at most).
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const same = sameSpelling(word, candidates);
  if (same !== undefined) return same;
  const plain = spelling(word);
  const limit = Math.min(3, Math.floor(plain.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(plain, spelling(candidate));
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** Returns the candidate that is `word` but for letter case, underscores and hyphens. */
export function sameSpelling(word: string, candidates: readonly string[]): string | undefined {
  return candidates.find((candidate) => spelling(candidate) === spelling(word));
}

/** Returns a word in lower case without underscores and hyphens, so that `group_id` and `groupId` are the same. */
export function spelling(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, '');
}

/**
 * Returns how many insertions, deletions, substitutions and swaps of neighbours turn one word into the other
 * (Damerau-Levenshtein distance in its optimal string alignment form).
 */
export function editDistance(from: string, to: string): number {
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(previous, column) + 1,
          at(current, column - 1) + 1,
          at(previous, column - 1) + cost,
          swapped ? at(beforePrevious, column - 2) + 1 : Infinity,
        ),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
