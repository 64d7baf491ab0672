import { arrange } from './dom.ts';
import { keyOf, type MigrationRow } from './migration-row.ts';
import { createTableRow, type TableRow } from './table-row.ts';

export interface Table {
  /** Shows these migrations in this order. */
  show(rows: readonly MigrationRow[], addressOf: (name: string) => string): void;
  tick(now: number): void;
  /** Moves the focus to a migration, if it is shown. */
  focus(name: string): void;
}

/** Rows are created once and reused. A change rewrites its row, and only rows that change places are moved. */
export function createTable(body: HTMLElement, onLabel: (label: string) => void): Table {
  const tableRows = new Map<string, TableRow>();
  let shown: readonly TableRow[] = [];

  body.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const at = shown.findIndex(({ link }) => link === document.activeElement);
    const other = at === -1 || step === 0 ? undefined : shown[at + step];
    if (other === undefined) return;
    event.preventDefault();
    other.link.focus();
  });

  return {
    show(rows, addressOf) {
      shown = rows.map((row) => {
        const key = keyOf(row.view);
        const tableRow = tableRows.get(key) ?? createTableRow(onLabel);
        tableRows.set(key, tableRow);
        tableRow.update(row, addressOf(row.view.migration));
        return tableRow;
      });
      arrange(
        body,
        shown.map((row) => row.element),
      );
    },
    tick(now) {
      for (const row of shown) row.tick(now);
    },
    focus(name) {
      shown.find(({ link }) => link.textContent === name)?.link.focus();
    },
  };
}
