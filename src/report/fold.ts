import { formatSpan } from '../events/format.ts';
import type { MigrationReport, TimelineEntry } from './report-model.ts';
import { moment } from './words.ts';

/** A line of the timeline: an event, or several of one kind. */
export interface TimelineLine extends TimelineEntry {
  /** What one line stands for; absent of a single event. */
  readonly folded?: readonly TimelineEntry[];
}

type Kind = 'stall' | 'reminder' | 'outage reminder';

/** Between two of these, lines of one kind are folded. */
const breaks: ReadonlySet<string> = new Set([
  'migration.status_changed',
  'migration.ready_for_cutover',
  'migration.readiness_withdrawn',
]);
const ends: ReadonlySet<string> = new Set(['migration.completed', 'migration.failed', 'migration.expired']);

/**
 * Returns the timeline for people: several stalls, or several reminders, between two changes are one line where the first
 * of them is. An end stands for the change of the status that shows it.
 */
export function foldedTimeline({ timeline, stalls, to = 0 }: MigrationReport): readonly TimelineLine[] {
  const groups = groupsOf(timeline);
  return timeline.flatMap((entry, index): TimelineLine[] => {
    const group = groups.get(entry);
    if (group !== undefined && group.count > 1)
      return group.entries[0] === entry
        ? [{ ...entry, text: textOf(group, stalls, to), folded: group.entries }]
        : [];
    const next = timeline[index + 1];
    const isSaidTwice =
      entry.event === 'migration.status_changed' && next?.at === entry.at && ends.has(next.event);
    return isSaidTwice ? [] : [entry];
  });
}

interface Group {
  readonly kind: Kind;
  readonly entries: TimelineEntry[];
  /** How many stalls or reminders it has. */
  count: number;
}

function groupsOf(timeline: readonly TimelineEntry[]): ReadonlyMap<TimelineEntry, Group> {
  const groups = new Map<TimelineEntry, Group>();
  const open = new Map<Kind, Group>();
  let isStalled = false;
  for (const entry of timeline) {
    const kind = kindOf(entry);
    if (kind !== undefined) {
      const group = open.get(kind) ?? { kind, entries: [], count: 0 };
      open.set(kind, group);
      group.entries.push(entry);
      if (entry.event !== 'migration.lag_recovered') group.count += 1;
      groups.set(entry, group);
    }
    if (entry.event === 'migration.lag_stalled') isStalled = true;
    if (entry.event === 'migration.lag_recovered') isStalled = false;
    if (entry.event === 'watcher.recovered') open.delete('outage reminder');
    if (!breaks.has(entry.event)) continue;
    open.delete('reminder');
    // A readiness ends the stall before it, which is reported after it.
    if (!isStalled) open.delete('stall');
  }
  return groups;
}

function kindOf({ event, isReminder }: TimelineEntry): Kind | undefined {
  switch (event) {
    case 'migration.lag_stalled':
    case 'migration.lag_recovered':
      return 'stall';
    case 'migration.cutover_reminder':
      return 'reminder';
    default:
      return isReminder === true ? 'outage reminder' : undefined;
  }
}

function textOf({ kind, entries, count }: Group, stalls: MigrationReport['stalls'], to: number): string {
  const [first, last] = [entries[0]?.at ?? 0, entries.at(-1)?.at ?? 0];
  const between = `between ${moment(first)} and ${moment(last)}`;
  if (kind === 'reminder') return `${count} reminders that it is ready, ${between}.`;
  if (kind === 'outage reminder') return `${count} reminders that it can't be read, ${between}.`;
  const own = stalls.filter((stall) => stall.to >= first && stall.from <= last);
  const longest = own.reduce((most, one) => Math.max(most, Math.min(one.to, to) - one.from), 0);
  const begin = Math.min(first, ...own.map(({ from }) => from));
  return `${count} stalls, the longest ${formatSpan(longest / 1_000)}, between ${moment(begin)} and ${moment(last)}.`;
}
