import type { Target } from '../migration/target.ts';

/** The shortest intervals of both schedules, in ms. */
export interface Intervals {
  readonly standard: number;
  readonly approaching: number;
}

/**
 * Returns a sentence for every project whose migrations need more requests than its budget has, on the usual schedule
 * or else all of them near readiness: with the arithmetic, and what will happen instead.
 */
export function capacityWarnings(
  targets: readonly Target[],
  { standard, approaching }: Intervals,
  requestsPerMinute: number,
): readonly string[] {
  return [...countByProject(targets)].flatMap(([groupId, count]) => {
    const needed = (intervalMs: number): number => Math.ceil((count * 60_000) / intervalMs);
    const fits = (intervalMs: number): boolean => needed(intervalMs) <= requestsPerMinute;
    const takes = (intervalMs: number): string =>
      `every ${intervalMs / 1000} s takes ${needed(intervalMs)} requests a minute, more than atlas.requestsPerMinute (${requestsPerMinute})`;
    const every = Math.ceil((count * 60) / requestsPerMinute);
    if (!fits(standard))
      return [
        `Project ${groupId} has ${count} migrations, and polling each ${takes(standard)}: each will be polled about every ${every} s instead. Make schedule.default slower, or raise the budget if Atlas grants you more.`,
      ];
    if (!fits(approaching)) {
      const most = Math.floor((requestsPerMinute * approaching) / 60_000);
      return [
        `Project ${groupId} has ${count} migrations, and were all near readiness at once, polling each ${takes(approaching)}: beyond ${most} of them, each will be polled more slowly, about every ${every} s for all. Make schedule.approaching slower if that is to be expected, or raise the budget if Atlas grants you more.`,
      ];
    }
    return [];
  });
}

function countByProject(targets: readonly Target[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { groupId } of targets) counts.set(groupId, (counts.get(groupId) ?? 0) + 1);
  return counts;
}
