import type { Sample } from '../data/migration-row.ts';

export const sparkWidth = 96;
export const sparkHeight = 22;
/** Keeps the width of the line inside the drawing. */
const margin = 1.5;

/** Returns the SVG path of the lag over time, from 0 to its maximum; empty for fewer than two samples. */
export function sparkPath(samples: readonly Sample[]): string {
  const times = samples.map(({ observedAt }) => Date.parse(observedAt));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  if (last <= first) return '';
  const highest = Math.max(1, ...samples.map(({ lagTimeSeconds }) => lagTimeSeconds));
  return samples
    .map(({ lagTimeSeconds }, index) => {
      const x = margin + (((times[index] ?? first) - first) / (last - first)) * (sparkWidth - 2 * margin);
      const y = sparkHeight - margin - (lagTimeSeconds / highest) * (sparkHeight - 2 * margin);
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
