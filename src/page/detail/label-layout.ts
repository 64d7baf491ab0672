/** A label of a vertical line of the plot: where the line is and how wide the text is, in px from the left. */
export interface LabelBox {
  readonly line: number;
  readonly width: number;
}

/** Where a label is drawn: its left edge in px, and its row, 0 at the top. */
export interface PlacedLabel {
  readonly left: number;
  readonly row: number;
}

/**
 * Returns the place of each label between the edges; `labels` are sorted from left to right. A label is right of its
 * line, or left of it at the right edge, in the first of `rows` in which it overlaps no other. Undefined where there is
 * no room.
 */
export function placeLabels(
  labels: readonly LabelBox[],
  [leftEdge, rightEdge]: readonly [number, number],
  rows: number,
  gap: number,
): (PlacedLabel | undefined)[] {
  const free: number[] = Array.from({ length: rows }, () => leftEdge);
  return labels.map(({ line, width }) => {
    const right = line + gap;
    const left = right + width <= rightEdge ? right : line - gap - width;
    const row = free.findIndex((end) => end <= left);
    if (row === -1) return undefined;
    free[row] = left + width + gap;
    return { left, row };
  });
}
