/** When something may happen, in seconds. */
export interface TimeRange {
  /** The most likely time. */
  readonly seconds: number;
  readonly earliest: number;
  /** Absent in events of earlier versions, where it had no end. */
  readonly latest?: number;
}

/** A range that is wider than this multiple of the middle says more than its middle. */
const narrow = 1.5;
/** The units of an estimate, their seconds, and the most of each before the next one is used. */
const units = [
  ['min', 60, 100],
  ['h', 3_600, 48],
  ['d', 86_400, Number.POSITIVE_INFINITY],
] as const;
/** From so many minutes on, only every fifth one is used. */
const coarseMinutes = 20;
const coarseStep = 5;

type Amount = readonly [count: number, unit: string];

/**
 * Returns an estimate in words that follow "ready in", `ageSeconds` after it was made: `about 3 h` where its range is
 * narrow, else the range, `3 to 9 h`. Undefined once all of the range has passed: an estimate that old says nothing.
 * All outputs use these words.
 */
export function estimateWords(estimate: TimeRange, ageSeconds: number): string | undefined {
  const { seconds, earliest, latest } = estimate;
  if (isOver(estimate, ageSeconds)) return undefined;
  const left = leftAfter(ageSeconds);
  const begin = amountOf(left(earliest), Math.floor);
  if (latest === undefined) return `${begin.join(' ')} or more`;
  const end = amountOf(left(latest), Math.ceil);
  const isNarrow = latest - earliest <= narrow * seconds;
  const middle = amountOf(left(seconds), Math.round);
  if (isNarrow && middle[0] > 0) return `about ${middle.join(' ')}`;
  if (begin[0] === 0) return `at most ${end.join(' ')}`;
  return begin[1] === end[1] ? `${begin[0]} to ${end.join(' ')}` : `${begin.join(' ')} to ${end.join(' ')}`;
}

/** Returns the same for one line of a terminal: `~18 min (15–25)`, `~2 h (40 min–6 h)`. */
export function briefEstimate(estimate: TimeRange, ageSeconds: number): string | undefined {
  const { seconds, earliest, latest } = estimate;
  if (latest === undefined || isOver(estimate, ageSeconds)) return estimateWords(estimate, ageSeconds);
  const left = leftAfter(ageSeconds);
  const [begin, middle, end] = [
    amountOf(left(earliest), Math.floor),
    amountOf(left(seconds), Math.round),
    amountOf(left(latest), Math.ceil),
  ];
  if (middle[0] === 0) return `at most ${end.join(' ')}`;
  const isAlike = begin[1] === middle[1] && end[1] === middle[1];
  const range = isAlike ? `${begin[0]}–${end[0]}` : `${begin.join(' ')}–${end.join(' ')}`;
  return `~${middle.join(' ')} (${range})`;
}

function leftAfter(ageSeconds: number): (span: number) => number {
  return (span) => Math.max(0, span - Math.max(0, ageSeconds));
}

/** One without an end, of an earlier version, is over when its middle has passed. */
function isOver({ seconds, latest = seconds }: TimeRange, ageSeconds: number): boolean {
  return ageSeconds >= latest;
}

function amountOf(seconds: number, round: (value: number) => number): Amount {
  const [name, size] = units.find(([, span, most]) => seconds < span * most) ?? units[2];
  const count = seconds / size;
  const step = name === 'min' && count >= coarseMinutes ? coarseStep : 1;
  return [round(count / step) * step, name];
}
