import type { EventRecord } from '../../events/event-record.ts';

/** An event, or several in a row that say the same; the latest first. */
export interface EventGroup {
  readonly events: readonly [EventRecord, ...EventRecord[]];
  /** What several say, in words; undefined of a single event. */
  readonly text?: string;
}

type Kind = 'reminder' | 'outage reminder' | 'stall' | 'failed poll';

const ends: ReadonlySet<string> = new Set(['migration.completed', 'migration.failed', 'migration.expired']);

/**
 * Returns the events, the latest first, with those in a row that repeat each other folded: reminders, stalls and their
 * ends, failed polls. An end stands for the change of the status that shows it. `events` are oldest first.
 */
export function foldEvents(events: readonly EventRecord[]): readonly EventGroup[] {
  const runs: { kind: Kind | undefined; events: [EventRecord, ...EventRecord[]] }[] = [];
  for (const record of events.filter((each) => !isSaidTwice(each, events)).toReversed()) {
    const kind = kindOf(record);
    const last = runs.at(-1);
    if (kind !== undefined && last?.kind === kind) last.events.push(record);
    else runs.push({ kind, events: [record] });
  }
  return runs.flatMap(({ kind, events: run }): EventGroup[] => {
    const count = run.filter(({ event }) => event !== 'migration.lag_recovered').length;
    if (kind === undefined || count < 2) return run.map((record) => ({ events: [record] }));
    return [{ events: run, text: textOf(kind, count) }];
  });
}

function isSaidTwice({ event, time }: EventRecord, all: readonly EventRecord[]): boolean {
  return (
    event === 'migration.status_changed' && all.some((other) => other.time === time && ends.has(other.event))
  );
}

function kindOf({ event, reminder }: EventRecord): Kind | undefined {
  switch (event) {
    case 'migration.cutover_reminder':
      return 'reminder';
    case 'migration.lag_stalled':
    case 'migration.lag_recovered':
      return 'stall';
    case 'watcher.poll_failed':
      return 'failed poll';
    case 'watcher.unreachable':
      return reminder === true ? 'outage reminder' : undefined;
    default:
      return undefined;
  }
}

function textOf(kind: Kind, count: number): string {
  switch (kind) {
    case 'reminder':
      return `${count} reminders that it is ready for cutover`;
    case 'outage reminder':
      return `${count} reminders that it can't be read`;
    case 'stall':
      return `${count} stalls`;
    case 'failed poll':
      return `${count} failed polls`;
  }
}
