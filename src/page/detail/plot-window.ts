/** The shown part of the time axis, in seconds since 1970. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Ways to show another part of the time axis. */
export type Move = 'zoom-in' | 'zoom-out' | 'earlier' | 'later' | 'all';

/** The shortest part worth showing, because polls are seconds apart. */
const shortestSeconds = 10;

/** Returns the part that is shown after a move. It is always within the whole. */
export function moveWindow(move: Move, shown: TimeWindow, whole: TimeWindow): TimeWindow {
  const length = shown.to - shown.from;
  const middle = shown.from + length / 2;
  switch (move) {
    case 'zoom-in':
      return around(middle, Math.max(Math.min(shortestSeconds, length), length / 2), whole);
    case 'zoom-out':
      return around(middle, length * 2, whole);
    case 'earlier':
      return around(middle - length / 2, length, whole);
    case 'later':
      return around(middle + length / 2, length, whole);
    case 'all':
      return whole;
  }
}

function around(middle: number, length: number, whole: TimeWindow): TimeWindow {
  if (length >= whole.to - whole.from) return whole;
  const from = Math.min(Math.max(middle - length / 2, whole.from), whole.to - length);
  return { from, to: from + length };
}
