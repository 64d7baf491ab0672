import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import type { WatcherView } from '../../server/watcher-view.ts';
import type { MigrationRow } from '../data/migration-row.ts';
import { countByStatus, isShown } from '../filter.ts';
import type { Stale } from '../header/standing.ts';
import { addressOf, type Filter } from '../route.ts';
import { type Status, statuses, statusOf } from '../status.ts';
import { isOld, rowText } from './row-text.ts';
import { Table } from './table.tsx';
import { useAxis } from './use-axis.ts';
import { useTimeline } from './use-timeline.ts';

interface WallProps {
  /** All migrations, the most urgent first. */
  readonly rows: readonly MigrationRow[];
  readonly watcher: WatcherView;
  readonly filter: Filter;
  readonly events: readonly EventRecord[];
  readonly reconnects: number;
  /** Undefined while what is shown is current. */
  readonly stale: Stale | undefined;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

const shownDeadlines = 3;

/** The list for a screen on the wall: the next deadlines in large digits, and the most urgent lanes. */
export function Wall({ rows, watcher, filter, events, reconnects, stale, now }: WallProps): VNode {
  const { range = '24h' } = filter;
  const shown = useMemo(() => rows.filter(({ view }) => isShown(view, filter, now)), [rows, filter]);
  const { timeline } = useTimeline(range, events, reconnects);
  const axis = useAxis(range, rows, now);
  const { consoleUrl } = watcher;
  const scene = useMemo(
    () => ({
      axis,
      stale,
      consoleUrl,
      addressOf: (migration: string) => addressOf({ filter, migration }),
      onLabel: () => {},
    }),
    [axis, stale, consoleUrl, filter],
  );
  const room = useRoom(shown.length, axis, timeline);
  const fitting = useMemo(() => shown.slice(0, room), [shown, room]);
  const urgent = shown.filter(({ view }) => view.deadline !== undefined).slice(0, shownDeadlines);
  return (
    <section id="overview" class="wall" aria-label="Migrations">
      {urgent.length > 0 && (
        <ul class="deadlines" aria-label="Next deadlines">
          {urgent.map(({ view }) => {
            const { before, figure, after, note, stated, pressing } = rowText(view, now);
            return (
              <li
                key={view.liveMigrationId}
                class={isOld(view, now) ? 'old' : undefined}
                data-status={statusOf(view, now)}
                data-pressing={pressing}
              >
                <span class="of">{view.migration}</span>
                <b>{figure}</b>
                <span class="note">
                  {[before === undefined ? after : 'overdue', note, stated].filter(Boolean).join(', ')}
                </span>
              </li>
            );
          })}
        </ul>
      )}
      <Table
        rows={fitting}
        scene={scene}
        timeline={timeline}
        group={undefined}
        isUnfolded={false}
        all={rows}
      />
      {shown.length > room && <p class="rest">{restText(shown.slice(room), now)}</p>}
    </section>
  );
}

/** More rows than this fit on no screen. */
const mostRows = 40;

/** Returns how many of so many rows the screen has room for; it is measured again after each of these changes. */
function useRoom(count: number, ...changes: readonly unknown[]): number {
  const [room, setRoom] = useState<number | undefined>();
  const [height, setHeight] = useState(innerHeight);
  useLayoutEffect(() => {
    const resize = (): void => setHeight(innerHeight);
    addEventListener('resize', resize);
    return () => removeEventListener('resize', resize);
  }, []);
  useLayoutEffect(() => setRoom(undefined), [count, height, ...changes]);
  useLayoutEffect(() => {
    if (room !== undefined) return;
    const bottoms = [...document.querySelectorAll('#rows tr')].map(
      (row) => row.getBoundingClientRect().bottom,
    );
    const isWhole = (bottoms.at(-1) ?? 0) <= height && bottoms.length >= count;
    // The line below the rows is about as high as a row.
    const last = isWhole ? height : height - ((bottoms[1] ?? 0) - (bottoms[0] ?? 0));
    setRoom(Math.max(1, bottoms.filter((bottom) => bottom <= last).length));
  }, [room]);
  return room ?? Math.min(count, mostRows);
}

/** Returns what there is beside the rows that are shown: `And 22 more: 3 copying, 19 complete`. */
function restText(rows: readonly MigrationRow[], now: number): string {
  const numbers = countByStatus(
    rows.map(({ view }) => view),
    now,
  );
  const parts = (Object.keys(statuses) as Status[])
    .filter((status) => numbers.has(status))
    .map((status) => `${numbers.get(status)} ${statuses[status].word.toLowerCase()}`);
  return `And ${rows.length} more: ${parts.join(', ')}`;
}
