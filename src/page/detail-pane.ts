import type { EventRecord } from '../events/event-record.ts';
import { createDetail, type Detail, unknownMigration } from './detail.ts';
import { keyOf, type MigrationRow } from './migration-row.ts';

interface Addresses {
  /** Address of the list, as it is filtered. */
  readonly listAddress: string;
  /** Origin of the Atlas console. */
  readonly consoleUrl: string;
}

/** The place of the page where one migration is shown in detail. It creates the detail once per migration. */
export interface DetailPane {
  /** Shows the migration with this name; `row` is undefined where none is watched. */
  show(name: string, row: MigrationRow | undefined, addresses: Addresses): void;
  tick(now: number): void;
  addEvent(record: EventRecord): void;
  /** Loads the events and the lag again, because some may have been missed. */
  reload(): void;
  focus(): void;
  close(): void;
}

/** `clock` returns the time by the watcher's clock, in ms since 1970. */
export function createDetailPane(place: HTMLElement, clock: () => number): DetailPane {
  let open: { readonly id: string; readonly detail: Detail; row: MigrationRow } | undefined;

  function close(): void {
    open?.detail.destroy();
    open = undefined;
  }

  return {
    show(name, row, { listAddress, consoleUrl }) {
      if (row === undefined) {
        close();
        place.replaceChildren(unknownMigration(name, listAddress));
        return;
      }
      const id = keyOf(row.view) + row.view.migration;
      if (open?.id === id) {
        if (open.row !== row) open.detail.update(row, clock());
        open.row = row;
        return;
      }
      close();
      const detail = createDetail(row, listAddress, consoleUrl, clock);
      open = { id, detail, row };
      place.replaceChildren(detail.element);
      detail.update(row, clock());
      void detail.load();
    },
    tick: (now) => open?.detail.tick(now),
    addEvent: (record) => open?.detail.addEvent(record),
    reload: () => void open?.detail.load(),
    focus: () => open?.detail.heading.focus(),
    close,
  };
}
