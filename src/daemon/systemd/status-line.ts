import { formatSpan } from '../../events/format.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import { deadlineOf } from '../../watch/migration/readiness-window.ts';
import { heartbeat } from '../../watch/watcher-events.ts';

/**
 * Returns how things stand in one line, for `systemctl status`: how many migrations are ready, unreachable, settled
 * or not read yet, and the nearest deadline. `windowMs` is how long a readiness lasts.
 */
export function statusLine(
  states: readonly (MigrationState | undefined)[],
  windowMs: number,
  now: number,
): string {
  const { migrations, ready, unreachable, settled } = heartbeat(
    states,
    { polls: 0, pollFailures: 0, droppedLines: 0 },
    now,
  );
  const unread = states.filter((state) => state?.firstObservedAt === undefined).length;
  const counts = [
    `${ready} ready for cutover`,
    ...(unreachable > 0 ? [`${unreachable} unreachable`] : []),
    ...(settled > 0 ? [`${settled} settled`] : []),
    ...(unread > 0 ? [`${unread} not read yet`] : []),
  ].join(', ');
  const head = `${migrations} ${migrations === 1 ? 'migration' : 'migrations'}: ${counts}`;
  const deadline = nearestDeadline(states, windowMs);
  if (deadline === undefined) return head;
  const span = coarseSpan(Math.abs(deadline - now) / 1000);
  return `${head}; ${deadline > now ? `next deadline in ${span}` : `a deadline passed ${span} ago`}`;
}

function nearestDeadline(
  states: readonly (MigrationState | undefined)[],
  windowMs: number,
): number | undefined {
  const deadlines = states.flatMap((state) =>
    state?.readiness === undefined || state.settlement !== undefined
      ? []
      : [deadlineOf(state.readiness, { windowMs })],
  );
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

/** To the minute: told in seconds, it would have to be told anew every second. */
function coarseSpan(seconds: number): string {
  return seconds < 60 ? 'less than 1 min' : formatSpan(Math.floor(seconds / 60) * 60);
}
