/** How the lag axis is divided: evenly, or so that a lag of seconds and one of days are both legible. */
export type LagScale = 'linear' | 'log';

/** Below this lag, in seconds, a logarithmic axis is about linear, so that it has a zero. */
export const linearBelow = 10;

/** Steps of the linear lag axis that are round as durations, in seconds. */
export const lagSteps = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
  432_000, 864_000, 2_592_000,
];

const logLabels = [0, 10, 60, 600, 3_600, 6 * 3_600, 86_400, 7 * 86_400, 30 * 86_400];

/** Returns where the logarithmic lag axis has labels, in seconds. */
export function logSplits(lowest: number, highest: number): number[] {
  return logLabels.filter((lag) => lag >= lowest && lag <= highest);
}

/** Returns the ends of the lag axis for lags between two, in seconds. A lag may be negative where clocks differ. */
export function lagRange(
  scale: LagScale,
  lowest: number | null,
  highest: number | null,
): [low: number, high: number] {
  const top = Math.max(60, highest ?? 0);
  return [Math.min(0, lowest ?? 0), scale === 'linear' ? top * 1.08 : top * 1.6];
}
