import { formatSpan } from '../../events/format.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { WatchPolicy } from '../../watch/policy.ts';
import { heartbeat } from '../../watch/watcher-events.ts';

/**
 * Returns a summary in one line, for `systemctl status`: how many migrations are ready, unreachable, settled or not
 * read yet, and the nearest deadline. `now` in ms since 1970.
 */
export function statusLine(
  states: readonly (MigrationState | undefined)[],
  policy: Pick<WatchPolicy, 'windowMs' | 'unreachableAfterMs'>,
  now: number,
): string {
  const facts = heartbeat({ states, policy, polls: 0, pollFailures: 0, droppedLines: 0, now });
  const { migrations, ready, unreachable, settled, nextDeadline } = facts;
  const unread = states.filter((state) => state?.firstObservedAt === undefined).length;
  const counts = [
    `${ready} ready for cutover`,
    ...(unreachable > 0 ? [`${unreachable} unreachable`] : []),
    ...(settled > 0 ? [`${settled} settled`] : []),
    ...(unread > 0 ? [`${unread} not read yet`] : []),
  ].join(', ');
  const head = `${migrations} ${migrations === 1 ? 'migration' : 'migrations'}: ${counts}`;
  if (nextDeadline === undefined) return head;
  const deadline = Date.parse(nextDeadline);
  const span = coarseSpan(Math.abs(deadline - now) / 1000);
  return `${head}; ${deadline > now ? `next deadline in ${span}` : `a deadline passed ${span} ago`}`;
}

/** In minutes: in seconds, the line would change every second. */
function coarseSpan(seconds: number): string {
  return seconds < 60 ? 'less than 1 min' : formatSpan(Math.floor(seconds / 60) * 60);
}
