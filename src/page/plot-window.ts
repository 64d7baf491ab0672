/** A part of time, in seconds since 1970. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Ways to look at another part of what there is. */
export type Move = 'closer' | 'further' | 'earlier' | 'later' | 'all';

/** Closer than this there is nothing to see, as polls are seconds apart. */
const shortestSeconds = 10;

/** Returns what is seen after a move: never anything outside of the whole. */
export function moveWindow(move: Move, shown: TimeWindow, whole: TimeWindow): TimeWindow {
  const length = shown.to - shown.from;
  const middle = shown.from + length / 2;
  switch (move) {
    case 'closer':
      return around(middle, Math.max(Math.min(shortestSeconds, length), length / 2), whole);
    case 'further':
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
