import type { VNode } from 'preact';
import { useCallback, useMemo } from 'preact/hooks';
import type { MigrationRow } from '../data/migration-row.ts';
import { isShown, labelsOf } from '../filter.ts';
import { memo } from '../memo.ts';
import { addressOf, type Filter, withLabel, withStatus } from '../route.ts';
import type { Status } from '../status.ts';
import { Deadline, numbersOf, Summary } from './summary.tsx';
import { Table } from './table.tsx';
import { Toolbar } from './toolbar.tsx';

interface ListProps {
  /** All migrations, the most urgent first. */
  readonly rows: readonly MigrationRow[];
  readonly filter: Filter;
  /** Receives each filter that the reader chooses. */
  readonly onFilter: (filter: Filter) => void;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
  /** Whether a detail is shown instead. The list stays as it is, so that it is there at once when the reader comes back. */
  readonly hidden: boolean;
}

/** The list of migrations with its numbers and filters. */
export function List({ hidden, ...props }: ListProps): VNode {
  return (
    <section id="overview" aria-label="Migrations" hidden={hidden}>
      <Contents {...props} isFrozen={hidden} />
    </section>
  );
}

type ContentsProps = Omit<ListProps, 'hidden'> & { readonly isFrozen: boolean };

const Contents = memo(
  ({ rows, filter, onFilter, now }: ContentsProps) => {
    const shown = useMemo(() => rows.filter(({ view }) => isShown(view, filter, now)), [rows, filter]);
    const numbers = useMemo(() => numbersOf(rows, now), [rows]);
    const labels = useMemo(() => [...new Set(rows.flatMap(({ view }) => labelsOf(view)))].toSorted(), [rows]);
    const addressOfMigration = useCallback((migration: string) => addressOf({ filter, migration }), [filter]);
    const onLabel = useCallback((label: string) => onFilter(withLabel(filter, label)), [filter, onFilter]);
    const onStatus = useCallback(
      (status: Status) => onFilter(withStatus(filter, status)),
      [filter, onFilter],
    );
    return (
      <>
        <Summary numbers={numbers} chosen={filter.status} onStatus={onStatus} />
        <Toolbar filter={filter} labels={labels} shown={shown.length} all={rows.length} onFilter={onFilter}>
          <Deadline rows={rows} addressOf={addressOfMigration} now={now} />
        </Toolbar>
        {shown.length > 0 ? (
          <Table rows={shown} addressOf={addressOfMigration} onLabel={onLabel} />
        ) : (
          <p id="empty" class="empty">
            {rows.length === 0
              ? 'No migration is watched.'
              : 'Nothing matches. Remove a filter or shorten the search.'}
          </p>
        )}
      </>
    );
  },
  (_, next) => next.isFrozen,
);
