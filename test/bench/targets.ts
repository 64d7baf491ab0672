import { digits, formatTable } from './report.ts';

/** A limit that a figure is to keep. */
export interface Target {
  readonly what: string;
  /** NaN where it was not measured. */
  readonly value: number;
  readonly limit: number;
  /** A figure is to be so small at most, or so large at least. */
  readonly is: 'at most' | 'at least';
  readonly unit?: string;
}

type Verdict = 'reached' | 'missed' | 'not measured';

function verdictOf({ value, limit, is }: Target): Verdict {
  if (!Number.isFinite(value)) return 'not measured';
  return (is === 'at most' ? value <= limit : value >= limit) ? 'reached' : 'missed';
}

/** Returns a target as it is written down: with the verdict, and how many times the limit its figure is. */
export function judged(target: Target) {
  const { value, limit } = target;
  const timesLimit = Number.isFinite(value) && limit !== 0 ? value / limit : undefined;
  return { ...target, verdict: verdictOf(target), ...(timesLimit !== undefined && { timesLimit }) };
}

/** Returns a table of the targets: each with its figure, and how many times the limit that is. */
export function targetTable(targets: readonly Target[]): string {
  return formatTable(
    ['target', 'limit', 'measured', 'verdict', 'measured / limit'],
    targets.map((target) => {
      const { what, value, limit, is, unit = '', verdict, timesLimit } = judged(target);
      const shown = (number: number) => `${digits(number, number < 1 ? 3 : number < 20 ? 2 : 0)}${unit}`;
      const ratio = timesLimit === undefined ? '-' : `${digits(timesLimit, 2)}x`;
      return [what, `${is} ${shown(limit)}`, shown(value), verdict, ratio];
    }),
  );
}
