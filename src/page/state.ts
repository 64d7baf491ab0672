import type { EventRecord } from '../events/event-record.ts';
import type { MigrationView } from '../server/migration-view.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import { expectList, type Fleet, type ListedMigration, noFleet, withList, withViews } from './data/fleet.ts';
import type { Route } from './route.ts';

/** State of the connection to the watcher; `since` in ms since 1970, by the watcher's clock. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly since: number };

/** All that the page knows. It is never changed: an action leads to another state. */
export interface PageState {
  readonly connection: Connection;
  /** Increases with every list that follows a lost connection: some events and samples may have been missed. */
  readonly reconnects: number;
  /** Undefined until the first list has arrived. */
  readonly watcher: WatcherView | undefined;
  /** How far the watcher's clock is ahead of the browser's, in ms. */
  readonly clockAheadMs: number;
  readonly fleet: Fleet;
  /** The latest events of the stream, oldest first. */
  readonly events: readonly EventRecord[];
  readonly route: Route;
}

/** The watcher and all its migrations, as `/api/migrations` returns them. */
export interface List {
  readonly watcher: WatcherView;
  readonly migrations: readonly ListedMigration[];
}

/** What changes the state. Moments are by the browser's clock, in ms since 1970. */
export type Action =
  | { readonly type: 'list-requested' }
  | { readonly type: 'list'; readonly list: List; readonly at: number }
  | { readonly type: 'migrations'; readonly views: readonly MigrationView[] }
  | { readonly type: 'watcher'; readonly watcher: WatcherView; readonly at: number }
  | { readonly type: 'event'; readonly record: EventRecord }
  | { readonly type: 'lost'; readonly lastHeardAt: number }
  | { readonly type: 'route'; readonly route: Route };

const keptEvents = 500;

export function initialState(route: Route): PageState {
  return {
    connection: { state: 'connecting' },
    reconnects: 0,
    watcher: undefined,
    clockAheadMs: 0,
    fleet: noFleet,
    events: [],
    route,
  };
}

/** Returns the state after an action. */
export function reduce(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'list-requested':
      return { ...state, fleet: expectList(state.fleet) };
    case 'list':
      return {
        ...withWatcher(state, action.list.watcher, action.at),
        connection: { state: 'connected' },
        reconnects: state.reconnects + (state.connection.state === 'lost' ? 1 : 0),
        fleet: withList(state.fleet, action.list.migrations),
      };
    case 'migrations':
      return { ...state, fleet: withViews(state.fleet, action.views) };
    case 'watcher':
      return withWatcher(state, action.watcher, action.at);
    case 'event':
      return { ...state, events: [...state.events, action.record].slice(-keptEvents) };
    case 'lost':
      if (state.connection.state === 'lost') return state;
      return {
        ...state,
        connection: { state: 'lost', since: action.lastHeardAt + state.clockAheadMs },
      };
    case 'route':
      return { ...state, route: action.route };
  }
}

function withWatcher(state: PageState, watcher: WatcherView, at: number): PageState {
  return { ...state, watcher, clockAheadMs: Date.parse(watcher.time) - at };
}
