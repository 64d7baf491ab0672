import type { Target } from './target.ts';

/**
 * Returns a sentence for every project whose migrations, polled at this interval, need more requests than its
 * budget has: with the arithmetic, and what will happen instead.
 */
export function scheduleMisfits(
  targets: readonly Target[],
  intervalMs: number,
  requestsPerMinute: number,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { groupId } of targets) counts.set(groupId, (counts.get(groupId) ?? 0) + 1);
  return [...counts].flatMap(([groupId, count]) => {
    const needed = Math.ceil((count * 60_000) / intervalMs);
    if (needed <= requestsPerMinute) return [];
    const every = Math.ceil((count * 60) / requestsPerMinute);
    return [
      `Project ${groupId} has ${count} migrations, and polling each every ${intervalMs / 1000} s takes ${needed} requests a minute, more than atlas.requestsPerMinute (${requestsPerMinute}): each will be polled about every ${every} s instead. Make schedule.default slower, or raise the budget if Atlas grants you more.`,
    ];
  });
}
