import { arrange } from './dom.ts';
import { type Entry, keyOf } from './migration-row.ts';
import { createRow, type Row } from './row.ts';

export interface Table {
  /** Shows these migrations in this order. */
  show(entries: readonly Entry[], addressOf: (name: string) => string): void;
  tick(now: number): void;
  /** Puts the focus on a migration, if it is shown. */
  focus(name: string): void;
}

/** Rows are made once and stay: what changes is written into them, and only rows that rise or sink are moved. */
export function createTable(body: HTMLElement, onLabel: (label: string) => void): Table {
  const rows = new Map<string, Row>();
  let shown: readonly Row[] = [];

  body.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const at = shown.findIndex(({ link }) => link === document.activeElement);
    const other = at === -1 || step === 0 ? undefined : shown[at + step];
    if (other === undefined) return;
    event.preventDefault();
    other.link.focus();
  });

  return {
    show(entries, addressOf) {
      shown = entries.map((entry) => {
        const key = keyOf(entry.view);
        const row = rows.get(key) ?? createRow(onLabel);
        rows.set(key, row);
        row.update(entry, addressOf(entry.view.migration));
        return row;
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
