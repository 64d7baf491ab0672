const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Round durations, in ms. */
const roundSteps: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 5, 10, 20, 50, 100].map((count) => count * day),
];

const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Returns at most `most` round moments between two (ms since 1970), each with a label in UTC. */
export function timeTicks(from: number, to: number, most: number): readonly Tick[] {
  const step = stepFor(to - from, most);
  return multiples(step, Math.ceil(from / step) * step, to).map((at) => ({
    at,
    label: clockLabel(at, step),
  }));
}

/** Returns at most `most` + 1 round lags, in seconds, from 0 to the first at or above the highest value. */
export function lagTicks(highestSeconds: number, most: number): readonly number[] {
  const step = stepFor(Math.max(1, highestSeconds) * second, most) / second;
  return multiples(step, 0, Math.ceil(Math.max(1, highestSeconds) / step) * step);
}

function stepFor(rangeMs: number, most: number): number {
  const widest = roundSteps.at(-1) ?? day;
  return roundSteps.find((step) => rangeMs / step <= most) ?? Math.ceil(rangeMs / most / widest) * widest;
}

function multiples(step: number, from: number, to: number): readonly number[] {
  return Array.from(
    { length: Math.max(0, Math.floor((to - from) / step) + 1) },
    (_, index) => from + index * step,
  );
}

function clockLabel(at: number, step: number): string {
  const iso = new Date(at).toISOString();
  if (step >= day || at % day === 0) return dateFormat.format(at);
  return step >= minute ? iso.slice(11, 16) : iso.slice(11, 19);
}
