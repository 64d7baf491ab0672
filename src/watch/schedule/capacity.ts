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
  intervalsOf: (target: Target) => Intervals,
  requestsPerMinute: number,
): readonly string[] {
  return [...Map.groupBy(targets, ({ groupId }) => groupId)].flatMap(([groupId, members]) => {
    const intervals = members.map(intervalsOf);
    const standard = loadOf(intervals.map((each) => each.standard));
    const approaching = loadOf(intervals.map((each) => each.approaching));
    const takes = ({ needed, intervalMs }: Load): string =>
      `${intervalMs === undefined ? 'them, each by its own schedule,' : `each every ${intervalMs / 1000} s`} takes ${needed} requests a minute, more than atlas.requestsPerMinute (${requestsPerMinute})`;
    const every = Math.ceil((members.length * 60) / requestsPerMinute);
    const instead = ({ needed, intervalMs }: Load): string =>
      intervalMs === undefined
        ? `polled about ${(needed / requestsPerMinute).toFixed(1)} times less often`
        : `polled about every ${every} s`;
    if (standard.needed > requestsPerMinute)
      return [
        `Project ${groupId} has ${members.length} migrations, and polling ${takes(standard)}: each will be ${instead(standard)} instead. Make schedule.default slower, or raise the budget if Atlas grants you more.`,
      ];
    if (approaching.needed > requestsPerMinute) {
      const most = Math.floor((requestsPerMinute * (approaching.intervalMs ?? 0)) / 60_000);
      const slower =
        approaching.intervalMs === undefined
          ? `each would be ${instead(approaching)}`
          : `beyond ${most} of them, each will be polled more slowly, about every ${every} s for all`;
      return [
        `Project ${groupId} has ${members.length} migrations, and were all near readiness at once, polling ${takes(approaching)}: ${slower}. Make schedule.approaching slower if that is to be expected, or raise the budget if Atlas grants you more.`,
      ];
    }
    return [];
  });
}

/** Requests a minute, and the interval that all polls have in common, in ms; undefined where they differ. */
interface Load {
  readonly needed: number;
  readonly intervalMs: number | undefined;
}

function loadOf(intervalsMs: readonly number[]): Load {
  const [first] = intervalsMs;
  const isCommon = intervalsMs.every((intervalMs) => intervalMs === first);
  const perMinute = intervalsMs.reduce((sum, intervalMs) => sum + 60_000 / intervalMs, 0);
  // Thirds of a minute add up to a little more than a whole number.
  return { needed: Math.ceil(perMinute - 1e-6), intervalMs: isCommon ? first : undefined };
}
