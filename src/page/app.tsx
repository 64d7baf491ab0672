import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Bell } from './alerts/bell.tsx';
import { useNow } from './clock.ts';
import { byUrgency, findRow } from './data/fleet.ts';
import type { MigrationRow } from './data/migration-row.ts';
import { Detail } from './detail/detail.tsx';
import { Header } from './header/header.tsx';
import { standingOf } from './header/standing.ts';
import { useTab } from './header/tab.ts';
import { List } from './list/list.tsx';
import { Wall } from './list/wall.tsx';
import { restoreList } from './place.ts';
import { Recent } from './recent/recent.tsx';
import { addressOf, type Filter, type Route } from './route.ts';
import type { PageState } from './state.ts';
import { fullText, zoneName } from './times.ts';

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
  const { since, word } = standing.stale ?? {};
  const stale = useMemo(() => standing.stale, [since, word]);
  const row = migration === undefined ? undefined : findRow(fleet, migration);
  useTab(standing, watcher, row?.view.migration ?? migration);
  useFocus(migration);
  useLastingAddress(route, row);
  return (
    <div class={stale !== undefined ? 'page stale' : 'page'} data-view={view}>
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
            <p class="printed">
              Printed {fullText(now)} {zoneName(now)}
            </p>
            {view === 'wall' ? (
              <Wall {...{ rows, watcher, filter, events, reconnects, stale, now }} />
            ) : (
              <List
                {...{ rows, watcher, filter, onFilter, events, reconnects, stale, now }}
                hidden={migration !== undefined}
              />
            )}
            {migration !== undefined && (
              <Detail
                name={migration}
                row={row}
                listAddress={addressOf({ filter })}
                consoleUrl={watcher.consoleUrl}
                events={events}
                reconnects={reconnects}
                knownUntil={since}
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

/** Shows a detail from its beginning, and the list where it was left. */
function useFocus(migration: string | undefined): void {
  const former = useRef(migration);
  useLayoutEffect(() => {
    if (migration === former.current) return;
    former.current = migration;
    if (migration === undefined) {
      restoreList(document.getElementById('overview') ?? document);
      return;
    }
    document.getElementById('detail-name')?.focus({ preventScroll: true });
    scrollTo({ top: 0, behavior: 'instant' });
  }, [migration]);
}

/** A detail is asked for by its name or its id. Its address has the id, so that it still leads to it once it is renamed. */
function useLastingAddress(route: Route, row: MigrationRow | undefined): void {
  const id = row?.view.liveMigrationId;
  useLayoutEffect(() => {
    if (route.migration === undefined || id === undefined || id === route.migration) return;
    history.replaceState(history.state, '', addressOf({ ...route, migration: id }));
  }, [route, id]);
}
