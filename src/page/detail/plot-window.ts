/** A part of the time axis, in seconds since 1970. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** The times before now that the plot can show, as the button has them and as the API takes them. */
export const ranges = [
  ['1 h', '1h', 3_600],
  ['6 h', '6h', 6 * 3_600],
  ['24 h', '24h', 24 * 3_600],
  ['5 d', '5d', 5 * 86_400],
  ['30 d', '30d', 30 * 86_400],
] as const;

export type Range = (typeof ranges)[number][1];

/** What lies ahead is shown by itself where it makes the axis at most this much longer. */
const nearShare = 0.5;
/** A part of the axis behind what lies ahead, so that its end is seen. */
const marginShare = 0.04;

/** Returns whether what lies ahead is so near that the plot shows it unasked. In seconds since 1970. */
export function isNear(range: Range, now: number, ahead: number): boolean {
  return ahead > now && ahead - now <= secondsOf(range) * nearShare;
}

/**
 * Returns the whole axis: it ends now, or goes on to what lies ahead where that is given. In seconds since 1970.
 */
export function wholeAxis(range: Range, now: number, ahead: number | undefined): TimeWindow {
  const from = now - secondsOf(range);
  if (ahead === undefined || ahead <= now) return { from, to: now };
  return { from, to: ahead + (ahead - from) * marginShare };
}

function secondsOf(range: Range): number {
  return ranges.find(([, name]) => name === range)?.[2] ?? 0;
}

/** Ways to show another part of the time axis. */
export type Move = 'zoom-in' | 'zoom-out' | 'earlier' | 'later';

/** The shortest part worth showing, because polls are seconds apart. */
const shortestSeconds = 10;

/** Returns the part that is shown after a move; `anchor` keeps its place while zooming. It is always within the whole. */
export function moveWindow(move: Move, shown: TimeWindow, whole: TimeWindow, anchor: number): TimeWindow {
  const length = shown.to - shown.from;
  const fixed = anchor >= shown.from && anchor <= shown.to ? anchor : shown.from + length / 2;
  switch (move) {
    case 'zoom-in':
      return around(fixed, shown, Math.max(Math.min(shortestSeconds, length), length / 2), whole);
    case 'zoom-out':
      return around(fixed, shown, length * 2, whole);
    case 'earlier':
      return within({ from: shown.from - length / 2, to: shown.to - length / 2 }, whole);
    case 'later':
      return within({ from: shown.from + length / 2, to: shown.to + length / 2 }, whole);
  }
}

/** Returns the part of a selection that is worth showing; undefined where that is none. */
export function selected(selection: TimeWindow, whole: TimeWindow): TimeWindow | undefined {
  const from = Math.max(selection.from, whole.from);
  const to = Math.min(selection.to, whole.to);
  if (to <= from) return undefined;
  const lacking = Math.max(0, Math.min(shortestSeconds, whole.to - whole.from) - (to - from));
  return within({ from: from - lacking / 2, to: to + lacking / 2 }, whole);
}

/** Returns the part moved as little as possible so that a moment is in it. */
export function revealing(at: number, shown: TimeWindow, whole: TimeWindow): TimeWindow {
  if (at >= shown.from && at <= shown.to) return shown;
  const length = shown.to - shown.from;
  const from = at < shown.from ? at - length * 0.1 : at - length * 0.9;
  return within({ from, to: from + length }, whole);
}

/** Returns a part of the whole of another length, in which the moment has the same place. */
function around(at: number, shown: TimeWindow, length: number, whole: TimeWindow): TimeWindow {
  const share = (at - shown.from) / (shown.to - shown.from);
  return within({ from: at - length * share, to: at + length * (1 - share) }, whole);
}

function within({ from, to }: TimeWindow, whole: TimeWindow): TimeWindow {
  const length = to - from;
  if (length >= whole.to - whole.from) return whole;
  const begin = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: begin, to: begin + length };
}
