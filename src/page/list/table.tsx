import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { keyOf, type MigrationRow } from '../data/migration-row.ts';
import { memo } from '../memo.ts';
import { TableRow } from './table-row.tsx';

interface TableProps {
  /** In the order in which they are shown. */
  readonly rows: readonly MigrationRow[];
  readonly addressOf: (migration: string) => string;
  readonly onLabel: (label: string) => void;
}

const headings = ['State', 'Migration', 'Atlas status', 'Lag', 'Next step', 'Since', 'Last seen'];

/** As many rows as the tallest screen has room for are drawn whole at first, the others when they come near. */
const firstRows = 40;

/** A change draws its row again, and only rows that change places are moved. */
export const Table = memo(({ rows, addressOf, onLabel }: TableProps) => {
  const isPrinting = usePrinting();
  return (
    // The roles say what it is: a table with its own layout is none for every browser.
    <table id="table" role="table" aria-label="Migrations, the most urgent first">
      <thead role="rowgroup">
        <tr role="row">
          {headings.map((heading) => (
            <th key={heading} role="columnheader" scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody id="rows" role="rowgroup" onKeyDown={moveByArrow}>
        {rows.map((row, index) => (
          <TableRow
            key={keyOf(row.view)}
            row={row}
            address={addressOf(row.view.migration)}
            onLabel={onLabel}
            isWhole={isPrinting || index < firstRows}
          />
        ))}
      </tbody>
    </table>
  );
});

/** Moves the focus from name to name. */
function moveByArrow(event: TargetedKeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || document.activeElement?.classList.contains('name') !== true) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('.name')];
  const other = links[links.indexOf(document.activeElement as HTMLElement) + step];
  if (other === undefined) return;
  event.preventDefault();
  other.focus();
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
