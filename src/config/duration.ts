/** A length of time in milliseconds. */
export type Milliseconds = number;

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const UNIT_MS: ReadonlyMap<string, Milliseconds> = new Map([...UNITS, ['d', 86_400_000]]);

/**
 * Reads a duration as people write it in the configuration: a whole number and a unit
 * (`500ms`, `30s`, `5m`, `120h`, `5d`), or `0`.
 * Returns milliseconds, or undefined when the text is no duration or exceeds what a number holds exactly.
 */
export function parseDuration(text: string): Milliseconds | undefined {
  if (text === '0') return 0;
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const unitMs = UNIT_MS.get(unit ?? '');
  if (count === undefined || unitMs === undefined) return undefined;
  const duration = Number(count) * unitMs;
  return Number.isSafeInteger(duration) ? duration : undefined;
}

/**
 * Writes a whole number of milliseconds in the largest unit that holds it exactly, hours at most (the cutover
 * window is known to everybody as 120 hours). `parseDuration` reads the text back to the same number.
 */
export function formatDuration(duration: Milliseconds): string {
  if (duration === 0) return '0';
  const [unit, unitMs] = UNITS.find(([, size]) => duration % size === 0) ?? ['ms', 1];
  return `${duration / unitMs}${unit}`;
}
