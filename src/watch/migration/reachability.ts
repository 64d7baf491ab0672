import type { ErrorType, Outage } from '../../state/migration-state.ts';
import type { OutagePolicy } from '../policy.ts';

/** Faults that do not pass by themselves. */
const incurable: ReadonlySet<ErrorType> = new Set([
  'unauthorized',
  'billing',
  'forbidden',
  'api_version',
  'not_found',
]);

const firstRetryMs = 5_000;
const longestRetryMs = 60_000;

/**
 * Returns the outage after one more failed poll, which began at `startedAt` (ms since 1970). A 404 is incurable only
 * for a migration that was never seen, since its ids may be wrong.
 */
export function afterFailedPoll(
  former: Outage | undefined,
  errorType: ErrorType,
  { startedAt, wasSeen }: { readonly startedAt: number; readonly wasSeen: boolean },
): Outage {
  // After the clock was set back, times in the future would delay the report and the reminders.
  const { failures = 0, since = startedAt, reportedAt } = former ?? {};
  return {
    failures: failures + 1,
    since: Math.min(since, startedAt),
    errorType,
    ...(errorType === 'not_found' && wasSeen && { mayPass: true as const }),
    ...(reportedAt !== undefined && { reportedAt: Math.min(reportedAt, startedAt) }),
  };
}

/** Returns whether the fault of a migration does not pass by itself. The second failure is reported then. */
export function isIncurable({ errorType, mayPass }: Pick<Outage, 'errorType' | 'mayPass'>): boolean {
  return incurable.has(errorType) && mayPass !== true;
}

/** Returns whether a migration is unreachable: a fact about it alone, that also comes true between two polls. */
export function isUnreachable(
  outage: Outage,
  now: number,
  { unreachableAfterMs }: Pick<OutagePolicy, 'unreachableAfterMs'>,
): boolean {
  const { failures, since } = outage;
  return failures >= 2 && (isIncurable(outage) || now - since >= unreachableAfterMs);
}

/** Returns the time from a failed poll to the next one in place of the schedule, in ms; undefined leaves the schedule. */
export function retryAfterMs(outage: Outage | undefined): number | undefined {
  if (outage === undefined) return undefined;
  const { failures, errorType } = outage;
  if (errorType === 'unauthorized') return Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs);
  return failures === 1 && isIncurable(outage) ? firstRetryMs : undefined;
}
