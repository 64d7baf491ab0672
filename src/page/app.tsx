import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Bell } from './alerts/bell.tsx';
import { useNow } from './clock.ts';
import { byUrgency, findRow } from './data/fleet.ts';
import { Detail } from './detail/detail.tsx';
import { Header } from './header/header.tsx';
import { standingOf } from './header/standing.ts';
import { useTab } from './header/tab.ts';
import { List } from './list/list.tsx';
import { Wall } from './list/wall.tsx';
import { Recent } from './recent/recent.tsx';
import { addressOf, type Filter } from './route.ts';
import type { PageState } from './state.ts';

interface AppProps {
  readonly state: PageState;
  /** Shows the list with this filter. */
  readonly onFilter: (filter: Filter) => void;
  /** Remembers the latest event that the reader has seen. */
  readonly onSeen: (eventId: string) => void;
}

/** The order follows the time this often, because a window may end between two changes. In ms. */
const orderEveryMs = 10_000;

/** The whole page, as it follows from the state and the time. */
export function App({ state, onFilter, onSeen }: AppProps): VNode {
  const { connection, watcher, fleet, events, reconnects, route } = state;
  const { migration, filter, view } = route;
  const now = useNow();
  const rows = useMemo(() => byUrgency(fleet, now), [fleet, Math.floor(now / orderEveryMs)]);
  const standing = standingOf(state, rows, now);
  useTab(standing, watcher, migration);
  useFocus(migration);
  return (
    <div class={standing.isStale ? 'page stale' : 'page'} data-view={view}>
      <a class="skip" href="#content">
        Skip to the migrations
      </a>
      <Header
        connection={connection}
        watcher={watcher}
        standing={standing}
        hasZone={migration !== undefined}
        rows={rows}
        now={now}
      >
        <Bell />
      </Header>
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
      <Recent
        events={events}
        hasFailed={state.eventsFailed}
        seen={state.seenEvent}
        onSeen={onSeen}
        filter={filter}
        now={now}
      />
    </div>
  );
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
