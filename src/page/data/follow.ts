import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import type { WatcherView } from '../../server/watcher-view.ts';
import type { Store } from '../store.ts';
import { getEvents, getList } from './api.ts';
import type { MessageType } from './event-stream.ts';
import type { SharedStream } from './shared-stream.ts';

/** How long after a list the next one is requested, in ms: to compare with while the stream is open, else instead of it. */
const compareAfterMs = 60_000;
const pollAfterMs = 10_000;
const pollHiddenAfterMs = 15_000;
const retryAfterMs = 2_000;
/** A stream that was refused is asked for again after this time. In ms. */
const reopenAfterMs = 30_000;

/**
 * Follows the watcher. It requests the list first, and at the same time opens the stream, which sends what changes. When
 * the stream has opened, it requests the list again: what changed before is in the list, what changes afterwards in the
 * stream. While there is no stream, it requests the list again and again, and opens the stream when it can. A page that
 * is hidden and has a stream of its own closes it.
 */
export function follow(store: Store, stream: SharedStream): void {
  let closeStream: (() => void) | undefined;
  let isLive = false;
  let openAfter = 0;
  let heardAt = performance.now();
  let timer: number | undefined;
  let tag: string | undefined;
  let requests = 0;
  /** Id of the last event that was requested: events of the stream may follow others that it has missed. */
  let lastEvent: string | undefined;

  const mayStream = (): boolean => !document.hidden || stream.isShared();

  function openStream(): void {
    if (closeStream !== undefined || !mayStream() || performance.now() < openAfter) return;
    closeStream = stream.open({
      onOpen: () => {
        isLive = true;
        void request();
      },
      onMessage: take,
      onEnd: (isSilent) => {
        // One that was open may have been closed by the way to the watcher; one that was refused has no room.
        openAfter = isLive ? 0 : performance.now() + reopenAfterMs;
        forgetStream();
        if (isSilent) lose();
        void request();
      },
    });
  }

  function forgetStream(): void {
    closeStream = undefined;
    isLive = false;
  }

  function take(type: MessageType, data: string): void {
    heardAt = performance.now();
    switch (type) {
      case 'migration':
        store.dispatchSoon({ type: 'migrations', views: [JSON.parse(data) as MigrationView] });
        break;
      case 'watcher':
        store.dispatch({ type: 'watcher', watcher: JSON.parse(data) as WatcherView, at: Date.now() });
        break;
      case 'message': {
        const record = JSON.parse(data) as EventRecord;
        store.dispatch({ type: 'events', records: [record] });
        // A reload may remove migrations, which the stream does not report.
        if (record.event === 'watcher.config_reloaded') void request();
      }
    }
  }

  /** Requests the list, and decides when to do so again. Only the latest request counts. */
  async function request(): Promise<void> {
    clearTimeout(timer);
    requests += 1;
    const number = requests;
    store.dispatch({ type: 'list-requested' });
    try {
      const found = await getList(tag);
      if (number !== requests) return;
      heardAt = performance.now();
      tag = found === undefined ? tag : found.tag;
      openStream();
      // A stream that is being opened is not yet refused.
      const pollSeconds = closeStream === undefined ? pollMs() / 1000 : undefined;
      store.dispatch({ type: 'list', list: found?.list, pollSeconds, at: Date.now() });
      void catchUp();
      again(isLive ? compareAfterMs : pollMs());
    } catch {
      if (number !== requests) return;
      if (!isLive) lose();
      again(retryAfterMs);
    }
  }

  /** Requests the events that the stream may have missed. Without them, the state of everything is still shown. */
  async function catchUp(): Promise<void> {
    try {
      const records = await getEvents(lastEvent);
      const id = records.at(-1)?.eventId;
      if (typeof id === 'string') lastEvent = id;
      store.dispatch({ type: 'events', records, isCatchUp: true });
    } catch {
      store.dispatch({ type: 'events-failed' });
    }
  }

  function again(afterMs: number): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void request(), afterMs);
  }

  function lose(): void {
    openAfter = 0;
    store.dispatch({ type: 'lost', lastHeardAt: Date.now() - (performance.now() - heardAt) });
  }

  document.addEventListener('visibilitychange', () => {
    if (!mayStream() && closeStream !== undefined) {
      closeStream();
      forgetStream();
      again(pollHiddenAfterMs);
    } else if (!document.hidden && !isLive) void request();
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) void request();
  });
  void request();
  openStream();
}

const pollMs = (): number => (document.hidden ? pollHiddenAfterMs : pollAfterMs);
