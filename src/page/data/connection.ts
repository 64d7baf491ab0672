import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import type { WatcherView } from '../../server/watcher-view.ts';
import type { List } from '../state.ts';
import type { Store } from '../store.ts';
import { getJson, silenceMs } from './api.ts';
import { keptSamples } from './migration-row.ts';

const checkEveryMs = 1_000;
const retryAfterMs = 2_000;

/**
 * Follows the watcher: requests the list, then receives changes from the stream, which sends something every five
 * seconds. After the connection is lost, it connects again and requests the list again.
 */
export function follow(store: Store): void {
  let source: EventSource | undefined;
  let lastMessageAt = 0;

  function connect(): void {
    const current = new EventSource('api/stream');
    source = current;
    lastMessageAt = performance.now();
    const on = (type: string, handle: (data: string) => void): void =>
      current.addEventListener(type, ({ data }: MessageEvent<string>) => {
        lastMessageAt = performance.now();
        handle(data);
      });
    on('migration', (data) =>
      store.dispatchSoon({ type: 'migrations', views: [JSON.parse(data) as MigrationView] }),
    );
    on('watcher', (data) =>
      store.dispatch({ type: 'watcher', watcher: JSON.parse(data) as WatcherView, at: Date.now() }),
    );
    on('message', (data) => {
      const record = JSON.parse(data) as EventRecord;
      store.dispatch({ type: 'event', record });
      // A reload may remove migrations, which the stream does not report.
      if (record.event === 'watcher.config_reloaded') void requestList(current);
    });
    current.addEventListener('open', () => void requestList(current));
    current.addEventListener('error', disconnect);
  }

  async function requestList(current: EventSource): Promise<void> {
    store.dispatch({ type: 'list-requested' });
    try {
      const list = await getJson<List>(`api/migrations?samples=${keptSamples}`);
      if (current === source) store.dispatch({ type: 'list', list, at: Date.now() });
    } catch {
      if (current === source) disconnect();
    }
  }

  function disconnect(): void {
    source?.close();
    source = undefined;
    store.dispatch({ type: 'lost', lastHeardAt: Date.now() - (performance.now() - lastMessageAt) });
    setTimeout(connect, retryAfterMs);
  }

  setInterval(() => {
    if (source !== undefined && performance.now() - lastMessageAt > silenceMs) disconnect();
  }, checkEveryMs);
  connect();
}
