import type { VNode } from 'preact';
import { useCallback, useMemo } from 'preact/hooks';
import type { EventRecord } from '../../events/event-record.ts';
import type { WatcherView } from '../../server/watcher-view.ts';
import type { MigrationRow } from '../data/migration-row.ts';
import { countByStatus, isLeft, isShown, labelsOf } from '../filter.ts';
import type { Stale } from '../header/standing.ts';
import { memo } from '../memo.ts';
import { addressOf, type Filter, withLabel } from '../route.ts';
import { labelNames, usualGroup } from './groups.ts';
import { Legend } from './legend.tsx';
import { Summary } from './summary.tsx';
import { Table } from './table.tsx';
import { Toolbar } from './toolbar.tsx';
import { useAxis } from './use-axis.ts';
import { useSame } from './use-same.ts';
import { useTimeline } from './use-timeline.ts';

interface ListProps {
  /** All migrations, the most urgent first. */
  readonly rows: readonly MigrationRow[];
  readonly watcher: WatcherView;
  readonly filter: Filter;
  /** Receives each filter that the reader chooses. */
  readonly onFilter: (filter: Filter) => void;
  /** The latest events of the stream, oldest first. */
  readonly events: readonly EventRecord[];
  /** Another number says that something may have been missed. */
  readonly reconnects: number;
  /** Undefined while what is shown is current. */
  readonly stale: Stale | undefined;
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
  ({ rows, watcher, filter, onFilter, events, reconnects, stale, now }: ContentsProps) => {
    const { range = '24h' } = filter;
    const all = useSame(rows);
    const shown = useSame(
      useMemo(() => rows.filter(({ view }) => isShown(view, filter, now)), [rows, filter]),
    );
    const numbers = useMemo(() => {
      const left = rows.map(({ view }) => view).filter((view) => isLeft(view, filter, now));
      return countByStatus(left, now);
    }, [rows, filter]);
    const labels = useMemo(() => [...new Set(rows.flatMap(({ view }) => labelsOf(view)))].toSorted(), [all]);
    const names = useMemo(() => labelNames(all), [all]);
    const usual = useMemo(() => usualGroup(shown), [shown]);
    const group = filter.group === '' ? undefined : (filter.group ?? usual);
    const { timeline, isFailed, retry } = useTimeline(range, events, reconnects);
    const axis = useAxis(range, rows, now);
    const addressOfMigration = useCallback((migration: string) => addressOf({ filter, migration }), [filter]);
    const onLabel = useCallback((label: string) => onFilter(withLabel(filter, label)), [filter, onFilter]);
    const { consoleUrl } = watcher;
    const scene = useMemo(
      () => ({ axis, stale, consoleUrl, addressOf: addressOfMigration, onLabel }),
      [axis, stale, consoleUrl, addressOfMigration, onLabel],
    );
    return (
      <>
        <Summary numbers={numbers} filter={filter} onFilter={onFilter} />
        <Toolbar
          filter={filter}
          labels={labels}
          labelNames={names}
          group={group}
          shown={shown.length}
          all={rows.length}
          onFilter={onFilter}
        />
        {shown.length > 0 ? (
          <>
            <Legend />
            {isFailed && (
              <p class="no-lanes" role="status">
                The history of the lanes could not be loaded.{' '}
                <button type="button" class="button" onClick={retry}>
                  Retry
                </button>
              </p>
            )}
            <Table
              rows={shown}
              scene={scene}
              timeline={timeline}
              group={group}
              isUnfolded={filter.search.trim() !== ''}
              all={all}
            />
          </>
        ) : (
          <Empty areSome={rows.length > 0} onClear={() => onFilter({ search: '', labels: [] })} />
        )}
      </>
    );
  },
  (_, next) => next.isFrozen,
);

function Empty({ areSome, onClear }: { readonly areSome: boolean; readonly onClear: () => void }): VNode {
  return (
    <p id="empty" class="empty">
      {areSome ? (
        <>
          No migration matches.{' '}
          <button type="button" class="button" onClick={onClear}>
            Clear filters
          </button>
        </>
      ) : (
        'No migrations configured.'
      )}
    </p>
  );
}
