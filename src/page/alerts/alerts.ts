import { eventText } from '../event-text.ts';
import { type PageState, titleOf } from '../state.ts';
import { localText } from '../times.ts';

/** Something that a reader who is not looking wants to know. */
export interface Alert {
  /** The same in all pages of a browser. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** The migration that it is about. */
  readonly migration?: string;
}

const alarming: ReadonlySet<string> = new Set([
  'migration.ready_for_cutover',
  'migration.cutover_deadline_near',
  'migration.cutover_deadline_passed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
]);

/** A connection that comes back sooner is no alert: a watcher may be restarted. In ms. */
const lostAfterMs = 30_000;

/** Returns all alerts of a state; `now` in ms since 1970, by the watcher's clock. */
export function alertsOf(
  { events, connection, watcher }: Pick<PageState, 'events' | 'connection' | 'watcher'>,
  now: number,
): readonly Alert[] {
  const title = titleOf(watcher);
  const since = (moment: number): string => localText(moment, now);
  const alerts: Alert[] = events
    .filter(({ event }) => alarming.has(event))
    .map((record) => ({
      id: String(record.eventId),
      title,
      text: eventText(record, (isoTime) => localText(isoTime, now)),
      ...(typeof record.migration === 'string' && { migration: record.migration }),
    }));
  if (connection.state === 'lost') {
    if (now - connection.since >= lostAfterMs)
      alerts.push({
        id: `lost ${minuteOf(connection.since)}`,
        title,
        text: `Not connected to the watcher since ${since(connection.since)}.`,
      });
  } else if (watcher?.notWatchingSince !== undefined) {
    const stoppedAt = Date.parse(watcher.notWatchingSince);
    alerts.push({
      id: `not watching ${minuteOf(stoppedAt)}`,
      title,
      text: `Not watching since ${since(stoppedAt)}.`,
    });
  }
  return alerts;
}

/** Pages and messages differ by seconds about when something began. */
function minuteOf(moment: number): number {
  return Math.round(moment / 60_000);
}
