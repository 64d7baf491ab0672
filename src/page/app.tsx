import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useNow } from './clock.ts';
import { byUrgency, findRow } from './data/fleet.ts';
import type { MigrationRow } from './data/migration-row.ts';
import { Detail } from './detail/detail.tsx';
import { Header } from './header/header.tsx';
import { Latest } from './header/latest.tsx';
import { List } from './list/list.tsx';
import { Wall } from './list/wall.tsx';
import { addressOf, type Filter } from './route.ts';
import type { PageState } from './state.ts';
import { statusOf } from './status.ts';

interface AppProps {
  readonly state: PageState;
  /** Shows the list with this filter. */
  readonly onFilter: (filter: Filter) => void;
}

/** The order follows the time this often, because a window may end between two changes. In ms. */
const orderEveryMs = 10_000;

/** The whole page, as it follows from the state and the time. */
export function App({ state, onFilter }: AppProps): VNode {
  const { connection, watcher, fleet, events, reconnects, route } = state;
  const { migration, filter, view } = route;
  const now = useNow();
  const rows = useMemo(() => byUrgency(fleet, now), [fleet, Math.floor(now / orderEveryMs)]);
  useTitle(titleOf(state, rows, now));
  useFocus(migration);
  return (
    <div class={connection.state === 'lost' ? 'page stale' : 'page'} data-view={view}>
      <a class="skip" href="#content">
        Skip to the migrations
      </a>
      <Header connection={connection} watcher={watcher} now={now} />
      <main id="content" tabIndex={-1}>
        {watcher === undefined ? (
          <p class="empty" role="status">
            Loading…
          </p>
        ) : (
          <>
            {view === 'wall' ? (
              <Wall {...{ rows, watcher, filter, events, reconnects, now }} />
            ) : (
              <List
                {...{ rows, watcher, filter, onFilter, events, reconnects, now }}
                hidden={migration !== undefined}
              />
            )}
            {migration !== undefined && (
              <Detail
                name={migration}
                row={findRow(fleet, migration)}
                listAddress={addressOf({ filter })}
                consoleUrl={watcher.consoleUrl}
                events={events}
                reconnects={reconnects}
                now={now}
              />
            )}
          </>
        )}
      </main>
      <Latest events={events} now={now} />
    </div>
  );
}

function titleOf(
  { connection, route: { migration } }: PageState,
  rows: readonly MigrationRow[],
  now: number,
): string {
  const title = migration === undefined ? 'cutover-watch' : `${migration} – cutover-watch`;
  if (connection.state === 'lost') return `Not connected – ${title}`;
  const ready = rows.filter(({ view }) => statusOf(view, now) === 'ready').length;
  return `${ready > 0 ? `(${ready} ready) ` : ''}${title}`;
}

function useTitle(title: string): void {
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
}

/** Moves the focus to what a change of the route leads to: the detail, or the row that it was opened from. */
function useFocus(migration: string | undefined): void {
  const former = useRef(migration);
  useLayoutEffect(() => {
    if (migration === former.current) return;
    const leadsTo =
      migration === undefined
        ? [...document.querySelectorAll<HTMLElement>('#overview .name')].find(
            ({ textContent }) => textContent === former.current,
          )
        : document.getElementById('detail-name');
    leadsTo?.focus();
    former.current = migration;
  }, [migration]);
}
