import type { EventRecord } from '../events/event-record.ts';
import type { MigrationView } from '../server/migration-view.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import type { ListedMigration } from './fleet.ts';
import { keptSamples } from './migration-row.ts';

/** All there is, as `/api/migrations` has it. */
export interface List {
  readonly watcher: WatcherView;
  readonly migrations: readonly ListedMigration[];
}

export interface Listener {
  /** A list is being asked for; what comes from now on is newer than it. */
  onAsked(): void;
  onList(list: List): void;
  onMigration(view: MigrationView): void;
  onWatcher(view: WatcherView): void;
  onEvent(record: EventRecord): void;
  /** The connection is lost; the watcher was heard last so long ago, in ms. */
  onLost(silentMs: number): void;
}

/** The watcher says something every five seconds; when it has not for so long, the connection is dead. In ms. */
const silenceMs = 12_000;
const lookEveryMs = 1_000;
const againAfterMs = 2_000;

/** Follows the watcher: the list of all, then what changes; anew whenever the connection has been lost. */
export function follow(listener: Listener): void {
  let source: EventSource | undefined;
  let heardAt = 0;

  function begin(): void {
    const current = new EventSource('api/stream');
    source = current;
    heardAt = performance.now();
    const hear = (type: string, tell: (data: string) => void): void =>
      current.addEventListener(type, ({ data }: MessageEvent<string>) => {
        heardAt = performance.now();
        tell(data);
      });
    hear('migration', (data) => listener.onMigration(JSON.parse(data) as MigrationView));
    hear('watcher', (data) => listener.onWatcher(JSON.parse(data) as WatcherView));
    hear('message', (data) => {
      const record = JSON.parse(data) as EventRecord;
      listener.onEvent(record);
      // The stream says what is new, not what is watched no more.
      if (record.event === 'watcher.config_reloaded') void askList(current);
    });
    current.addEventListener('open', () => void askList(current));
    current.addEventListener('error', lose);
  }

  async function askList(current: EventSource): Promise<void> {
    listener.onAsked();
    try {
      const list = await getJson<List>(`api/migrations?samples=${keptSamples}`);
      if (current === source) listener.onList(list);
    } catch {
      if (current === source) lose();
    }
  }

  function lose(): void {
    source?.close();
    source = undefined;
    listener.onLost(performance.now() - heardAt);
    setTimeout(begin, againAfterMs);
  }

  setInterval(() => {
    if (source !== undefined && performance.now() - heardAt > silenceMs) lose();
  }, lookEveryMs);
  begin();
}

/** Returns what the API answers. Throws where it cannot be asked, or refuses. */
export async function getJson<Answer>(path: string): Promise<Answer> {
  const reply = await fetch(path, { signal: AbortSignal.timeout(silenceMs) });
  if (!reply.ok) throw new Error(`${path} is answered with ${reply.status}.`);
  return (await reply.json()) as Answer;
}
