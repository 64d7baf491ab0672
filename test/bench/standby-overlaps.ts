import type { Poll } from './standby-course.ts';
import type { PastFault } from './standby-faults.ts';
import type { Evidence } from './standby-run.ts';

export interface OverlapCounts {
  /** Polls of the two. */
  readonly polls: number;
  /** Polls of one that did not hold the lease, while the other did. */
  readonly cutOff: number;
  readonly underWay: number;
  readonly beyond: number;
}

/**
 * After its way to the database is whole again, a watcher may take so long to hear that another one has taken over, in
 * ms: attempts under way end, and a later one is answered. On a busy machine, one may not be in time.
 */
const noticeMs = 10_000;
/** So long after a suspension ends, polls that were under way may still be sent, in ms. */
const underWayMs = 1_000;
/** Clocks of the database and of this program are the same, but not read at the same moment. */
const slackMs = 100;

/** Returns how often a watcher polled while the other one held the lease, and why that could be. */
export function overlapsOf({ course, audit, runs, faults }: Evidence): {
  readonly counts: OverlapCounts;
  readonly problems: readonly string[];
} {
  const polls = course.polls.filter(({ asker }) => asker !== 'single');
  const counts = { polls: polls.length, cutOff: 0, underWay: 0, beyond: 0 };
  const problems: string[] = [];
  let index = -1;
  for (const poll of polls) {
    while ((audit.taken[index + 1]?.at ?? Number.POSITIVE_INFINITY) < poll.at - slackMs) index += 1;
    const { run: holder, epoch, at } = audit.taken[index] ?? {};
    const next = audit.taken[index + 1];
    const isNext = next?.run.startsWith(poll.asker) === true && next.at < poll.at + slackMs;
    if (holder === undefined || at === undefined || holder.startsWith(poll.asker) || isNext) continue;
    const reason = reasonOf(poll, faults);
    counts[reason] += 1;
    if (reason !== 'beyond') continue;
    const run = runs.find(
      ({ asker, startedAt, endedAt = Number.POSITIVE_INFINITY }) =>
        asker === poll.asker && startedAt <= poll.at && poll.at <= endedAt,
    );
    problems.push(
      `${run?.name ?? poll.asker} polled m${poll.number} ${Math.round(poll.at - at)} ms after ${holder} had taken the lease (epoch ${epoch}), at ${new Date(poll.at).toISOString()}`,
    );
  }
  return { counts, problems };
}

function reasonOf({ asker, at }: Poll, faults: readonly PastFault[]): 'cutOff' | 'underWay' | 'beyond' {
  const own = faults.filter((fault) => fault.asker === undefined || fault.asker === asker);
  const isCutOff = own.some(
    ({ harm, from, to }) => (harm === 'database' || harm === 'server') && from <= at && at <= to + noticeMs,
  );
  if (isCutOff) return 'cutOff';
  const isUnderWay = own.some(
    ({ harm, name, to }) =>
      harm === 'process' && name.startsWith('SIGSTOP') && to - slackMs <= at && at <= to + underWayMs,
  );
  return isUnderWay ? 'underWay' : 'beyond';
}
