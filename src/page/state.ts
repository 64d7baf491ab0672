import type { EventRecord } from '../events/event-record.ts';
import type { MigrationView } from '../server/migration-view.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import { expectList, type Fleet, noFleet, withList, withViews } from './data/fleet.ts';
import type { Route } from './route.ts';

/** State of the connection to the watcher; `since` in ms since 1970, by the watcher's clock. */
type Connection =
  | { readonly state: 'connecting' }
  | {
      readonly state: 'connected';
      /** Without a stream, the list is requested so often. */
      readonly pollSeconds?: number | undefined;
    }
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
  /** The latest events, oldest first, each once. */
  readonly events: readonly EventRecord[];
  /** Whether the recorded events could not be requested. */
  readonly eventsFailed: boolean;
  /** Whether the recorded events have been received once. */
  readonly eventsLoaded: boolean;
  /** Id of the latest event that this browser has shown among the recent ones. */
  readonly seenEvent: string | undefined;
  readonly route: Route;
}

/** The watcher and all its migrations, as `/api/migrations` returns them. */
export interface List {
  readonly watcher: WatcherView;
  readonly migrations: readonly MigrationView[];
}

/** What changes the state. Moments are by the browser's clock, in ms since 1970. */
export type Action =
  | { readonly type: 'list-requested' }
  | {
      readonly type: 'list';
      /** Undefined where nothing has changed. */
      readonly list: List | undefined;
      readonly pollSeconds: number | undefined;
      readonly at: number;
    }
  | { readonly type: 'migrations'; readonly views: readonly MigrationView[] }
  | { readonly type: 'watcher'; readonly watcher: WatcherView; readonly at: number }
  | {
      readonly type: 'events';
      readonly records: readonly EventRecord[];
      /** Whether they were requested: then they may have happened long ago. */
      readonly isCatchUp?: boolean;
    }
  | { readonly type: 'events-failed' }
  | { readonly type: 'lost'; readonly lastHeardAt: number }
  | { readonly type: 'seen'; readonly eventId: string }
  | { readonly type: 'route'; readonly route: Route };

const keptEvents = 500;

export function initialState(route: Route, seenEvent: string | undefined): PageState {
  return {
    connection: { state: 'connecting' },
    reconnects: 0,
    watcher: undefined,
    clockAheadMs: 0,
    fleet: noFleet,
    events: [],
    eventsFailed: false,
    eventsLoaded: false,
    seenEvent,
    route,
  };
}

/** Returns the name of a watcher for people. */
export function titleOf(watcher: WatcherView | undefined): string {
  return watcher?.title ?? 'cutover-watch';
}

/** Returns the state after an action. */
export function reduce(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'list-requested':
      return { ...state, fleet: expectList(state.fleet) };
    case 'list':
      return afterList(state, action);
    case 'migrations':
      return { ...state, fleet: withViews(state.fleet, action.views) };
    case 'watcher':
      return withWatcher(state, action.watcher, action.at);
    case 'events':
      return withEvents(state, action);
    case 'events-failed':
      return { ...state, eventsFailed: true };
    case 'lost':
      if (state.connection.state === 'lost') return state;
      return {
        ...state,
        connection: { state: 'lost', since: action.lastHeardAt + state.clockAheadMs },
      };
    case 'seen':
      return { ...state, seenEvent: action.eventId };
    case 'route':
      return { ...state, route: action.route };
  }
}

function withWatcher(state: PageState, watcher: WatcherView, at: number): PageState {
  return { ...state, watcher, clockAheadMs: Date.parse(watcher.time) - at };
}

function afterList(
  state: PageState,
  { list, pollSeconds, at }: Extract<Action, { readonly type: 'list' }>,
): PageState {
  const next: PageState = {
    ...state,
    connection: { state: 'connected', pollSeconds },
    reconnects: state.reconnects + (state.connection.state === 'lost' ? 1 : 0),
  };
  if (list === undefined) return next;
  return { ...withWatcher(next, list.watcher, at), fleet: withList(state.fleet, list.migrations) };
}

/** Those without an id are not recorded, and so they are not shown: nobody could find them again. */
function withEvents(
  state: PageState,
  { records, isCatchUp = false }: Extract<Action, { readonly type: 'events' }>,
): PageState {
  const known = new Set(state.events.map(({ eventId }) => eventId));
  const news = records.filter(({ eventId }) => eventId !== undefined && !known.has(eventId));
  const next = isCatchUp ? { ...state, eventsFailed: false, eventsLoaded: true } : state;
  if (news.length === 0) return next;
  // What was requested may be older than what the stream has sent meanwhile.
  const events = [...state.events, ...news].toSorted((one, other) =>
    one.time < other.time ? -1 : Number(one.time > other.time),
  );
  return { ...next, events: events.slice(-keptEvents) };
}
