import type { EventRecord } from '../events/event-record.ts';
import type { MigrationView } from '../server/migration-view.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import type { ListedMigration } from './fleet.ts';
import { keptSamples } from './migration-row.ts';

/** The watcher and all its migrations, as `/api/migrations` returns them. */
export interface List {
  readonly watcher: WatcherView;
  readonly migrations: readonly ListedMigration[];
}

export interface Listener {
  /** A list has been requested; what the stream sends from now on is newer than the list. */
  onListRequested(): void;
  onList(list: List): void;
  onMigration(view: MigrationView): void;
  onWatcher(view: WatcherView): void;
  onEvent(record: EventRecord): void;
  /** The connection is lost; the last message arrived `silentMs` ago. */
  onLost(silentMs: number): void;
}

/** The watcher sends something every five seconds. After this long without a message the connection is lost. In ms. */
const silenceMs = 12_000;
const checkEveryMs = 1_000;
const retryAfterMs = 2_000;

/**
 * Follows the watcher: requests the list, then receives changes from the stream. After the connection is lost, it
 * connects again and requests the list again.
 */
export function follow(listener: Listener): void {
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
    on('migration', (data) => listener.onMigration(JSON.parse(data) as MigrationView));
    on('watcher', (data) => listener.onWatcher(JSON.parse(data) as WatcherView));
    on('message', (data) => {
      const record = JSON.parse(data) as EventRecord;
      listener.onEvent(record);
      // A reload may remove migrations, which the stream does not report.
      if (record.event === 'watcher.config_reloaded') void requestList(current);
    });
    current.addEventListener('open', () => void requestList(current));
    current.addEventListener('error', disconnect);
  }

  async function requestList(current: EventSource): Promise<void> {
    listener.onListRequested();
    try {
      const list = await getJson<List>(`api/migrations?samples=${keptSamples}`);
      if (current === source) listener.onList(list);
    } catch {
      if (current === source) disconnect();
    }
  }

  function disconnect(): void {
    source?.close();
    source = undefined;
    listener.onLost(performance.now() - lastMessageAt);
    setTimeout(connect, retryAfterMs);
  }

  setInterval(() => {
    if (source !== undefined && performance.now() - lastMessageAt > silenceMs) disconnect();
  }, checkEveryMs);
  connect();
}

/** Returns what the API answers. Throws when it does not answer in time, or answers with an error. */
export async function getJson<Answer>(path: string): Promise<Answer> {
  const reply = await fetch(path, { signal: AbortSignal.timeout(silenceMs) });
  if (!reply.ok) throw new Error(`${path}: HTTP ${reply.status}.`);
  return (await reply.json()) as Answer;
}
