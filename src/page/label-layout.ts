/** A word beside the line that it is about, in pixels from the left. */
export interface MarkWord {
  readonly line: number;
  readonly width: number;
}

/** Where a word stands: its left edge, and which row it is in, the uppermost being 0. */
export interface PlacedWord {
  readonly left: number;
  readonly row: number;
}

/**
 * Returns where each word stands between these edges, given from left to right: right of its line, or left of it at
 * the right edge, in the uppermost of `rows` in which it meets no other. Undefined where there is no room for it.
 */
export function placeWords(
  words: readonly MarkWord[],
  [leftEdge, rightEdge]: readonly [number, number],
  rows: number,
  gap: number,
): (PlacedWord | undefined)[] {
  const free: number[] = Array.from({ length: rows }, () => leftEdge);
  return words.map(({ line, width }) => {
    const right = line + gap;
    const left = right + width <= rightEdge ? right : line - gap - width;
    const row = free.findIndex((end) => end <= left);
    if (row === -1) return undefined;
    free[row] = left + width + gap;
    return { left, row };
  });
}
