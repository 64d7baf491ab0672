import type { TargetedMouseEvent, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { TimelineView } from '../../server/timeline-api.ts';
import type { Span } from '../../watch/migration/lane.ts';
import { keyOf, type MigrationRow } from '../data/migration-row.ts';
import { useFolds } from './folds.ts';
import { GroupRow } from './group-row.tsx';
import { groupsOf } from './groups.ts';
import { moveByArrow } from './keyboard.ts';
import { spansUntil } from './lane-of.ts';
import type { Scene } from './scene.ts';
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
  /** The heading with the time axis. */
  readonly head: VNode;
  readonly now: number;
}

/** As many rows as the tallest screen has room for are drawn whole at first, the others when they come near. */
const firstRows = 40;

/** The list as a state timeline: one lane a migration, on one time axis. */
export function Table({ rows, scene, timeline, group, isUnfolded, head, now }: TableProps): VNode {
  const isPrinting = usePrinting();
  const [unfolded, fold] = useFolds();
  const body = (members: readonly MigrationRow[]): VNode[] =>
    members.map((row, index) => (
      <TableRow
        key={keyOf(row.view)}
        row={row}
        scene={scene}
        spans={spansOf(row, scene, timeline)}
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
      {head}
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
                now={now}
              />
              {isOpen && body(each.rows)}
            </tbody>
          );
        })
      )}
    </table>
  );
}

/** Spans of one timeline on one axis are the same objects each time, so that a row is drawn only when it changes. */
const known = new WeakMap<readonly Span[], { readonly now: number; readonly spans: readonly Span[] }>();

function spansOf(
  { view }: MigrationRow,
  { axis: { now } }: Scene,
  timeline: TimelineView | undefined,
): readonly Span[] | undefined {
  const own = timeline?.migrations[keyOf(view)];
  if (timeline === undefined || own === undefined) return undefined;
  const former = known.get(own);
  if (former?.now === now) return former.spans;
  const spans = spansUntil(now, timeline, own);
  known.set(own, { now, spans });
  return spans;
}

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
