import { formatSpan } from '../../events/format.ts';
import type { MigrationView } from '../../server/migration-view.ts';

/** Returns how often a migration is polled, in words. */
export function scheduleText({ cadence, intervalSeconds, settlement }: MigrationView): string {
  if (settlement === 'DISAPPEARED') return 'Read every 10 min, in case it comes back';
  if (settlement !== undefined) return 'Ended: read once an hour for a week';
  if (intervalSeconds === undefined) return 'unknown';
  return `Polled every ${formatSpan(intervalSeconds)}${cadence === 'approaching' ? ' (near ready)' : ''}`;
}
