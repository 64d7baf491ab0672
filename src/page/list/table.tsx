import type { TargetedMouseEvent, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { TimelineView } from '../../server/timeline-api.ts';
import { keyOf, type MigrationRow } from '../data/migration-row.ts';
import { memo } from '../memo.ts';
import { useFolds } from './folds.ts';
import { GroupRow } from './group-row.tsx';
import { groupsOf } from './groups.ts';
import { moveByArrow } from './keyboard.ts';
import type { Scene } from './scene.ts';
import { TableHead } from './table-head.tsx';
import { TableRow } from './table-row.tsx';

interface TableProps {
  /** In the order in which they are shown. */
  readonly rows: readonly MigrationRow[];
  readonly scene: Scene;
  readonly timeline: TimelineView | undefined;
  /** The label that rows are grouped by. */
  readonly group: string | undefined;
  /** Whether all groups are shown unfolded, as a search wants it. */
  readonly isUnfolded: boolean;
  /** All migrations, also those that are not shown. */
  readonly all: readonly MigrationRow[];
}

/** As many rows as the tallest screen has room for are drawn whole at first, the others when they come near. */
const firstRows = 40;

/**
 * The list as a state timeline: one lane a migration, on one time axis. Its parts follow the clock themselves: with ten
 * thousand rows it is too much to draw all of it every second.
 */
export const Table = memo((props: TableProps) => {
  const { rows, scene, timeline, group, isUnfolded, all } = props;
  const isPrinting = usePrinting();
  const [unfolded, fold] = useFolds();
  const body = (members: readonly MigrationRow[]): VNode[] =>
    members.map((row, index) => (
      <TableRow
        key={keyOf(row.view)}
        row={row}
        scene={scene}
        timeline={timeline}
        isWhole={isPrinting || index < firstRows}
      />
    ));
  return (
    // The roles say what it is: a table with its own layout is none for every browser.
    <table
      id="table"
      role="table"
      aria-label="Migrations, the most urgent first"
      onKeyDown={moveByArrow}
      onClick={openRow}
    >
      <TableHead axis={scene.axis} timeline={timeline} rows={all} stale={scene.stale} />
      {group === undefined ? (
        <tbody id="rows" role="rowgroup">
          {body(rows)}
        </tbody>
      ) : (
        groupsOf(rows, group).map((each) => {
          const key = `${group}:${each.value}`;
          const isOpen = isUnfolded || isPrinting || unfolded.has(key);
          return (
            <tbody key={key} role="rowgroup">
              <GroupRow
                name={group}
                group={each}
                isOpen={isOpen}
                onFold={() => fold(key)}
                addressOf={scene.addressOf}
              />
              {isOpen && body(each.rows)}
            </tbody>
          );
        })
      )}
    </table>
  );
});

/** A click anywhere in a row opens the detail, as its name does. */
function openRow(event: TargetedMouseEvent<HTMLElement>): void {
  const target = event.target as Element;
  const link = target.closest('tr.migration')?.querySelector<HTMLElement>('.name');
  const isOwn = target.closest('a, button, .why') !== null || String(getSelection() ?? '') !== '';
  if (link == null || isOwn) return;
  const { ctrlKey, metaKey, shiftKey, altKey } = event;
  link.dispatchEvent(
    new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey, altKey }),
  );
}

/** Returns whether the page is being printed: then every row is drawn. */
function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const begin = (): void => setPrinting(true);
    const end = (): void => setPrinting(false);
    addEventListener('beforeprint', begin);
    addEventListener('afterprint', end);
    return () => {
      removeEventListener('beforeprint', begin);
      removeEventListener('afterprint', end);
    };
  }, []);
  return isPrinting;
}
