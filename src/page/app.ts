import type { EventRecord } from '../events/event-record.ts';
import type { MigrationView } from '../server/migration-view.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import type { List, Listener } from './connection.ts';
import { createDetailPane } from './detail-pane.ts';
import { byId, setText } from './dom.ts';
import { Fleet } from './fleet.ts';
import { type Health, showHealth } from './health.ts';
import { addressOf, type Filter, withLabel, withStatus } from './route.ts';
import { createRouter } from './router.ts';
import { statusOf } from './status.ts';
import { createSummary } from './summary.ts';
import { createTable } from './table.ts';
import { localText } from './times.ts';
import { createToolbar } from './toolbar.ts';

/** Changes from the stream are collected for this long and shown together. In ms. */
const batchMs = 200;

/** Holds what the page knows, and shows it. */
export class App implements Listener {
  readonly #fleet = new Fleet();
  readonly #router = createRouter((former) => this.#show(former));
  readonly #table = createTable(byId('rows', HTMLElement), (label) =>
    this.#router.filter(withLabel(this.#router.route.filter, label)),
  );
  readonly #summary = createSummary((status) =>
    this.#router.filter(withStatus(this.#router.route.filter, status)),
  );
  readonly #toolbar = createToolbar((filter) => this.#router.filter(filter));
  readonly #detail = createDetailPane(byId('detail', HTMLElement), () => this.#now);
  #health: Health = { connection: { state: 'connecting' }, watcher: undefined, clockAheadMs: 0 };
  #batch: number | undefined;

  constructor() {
    document.addEventListener('visibilitychange', () => this.#tick());
    setInterval(() => this.#tick(), 1_000);
    this.#tick();
  }

  onListRequested(): void {
    this.#fleet.expectList();
  }

  onList({ watcher, migrations }: List): void {
    const isReconnected = this.#health.connection.state === 'lost';
    this.#health = { ...this.#health, connection: { state: 'connected' } };
    this.#setWatcher(watcher);
    this.#fleet.setList(migrations);
    this.#render();
    if (isReconnected) this.#detail.reload();
  }

  onMigration(view: MigrationView): void {
    this.#fleet.update(view);
    // A timer, not an animation frame: timers run in a hidden tab too, and so its title stays current.
    this.#batch ??= window.setTimeout(() => this.#render(), batchMs);
  }

  onWatcher(view: WatcherView): void {
    this.#setWatcher(view);
    this.#tick();
  }

  onEvent(record: EventRecord): void {
    this.#detail.addEvent(record);
    const isNews = record.level !== 'debug' && record.event !== 'watcher.heartbeat';
    if (isNews) setText(byId('latest', HTMLElement), `${localText(record.time, this.#now)} ${record.msg}`);
  }

  onLost(silentMs: number): void {
    if (this.#health.connection.state !== 'lost')
      this.#health = { ...this.#health, connection: { state: 'lost', since: this.#now - silentMs } };
    this.#tick();
  }

  /** The time by the watcher's clock, in ms since 1970. */
  get #now(): number {
    return Date.now() + this.#health.clockAheadMs;
  }

  #setWatcher(watcher: WatcherView): void {
    this.#health = { ...this.#health, watcher, clockAheadMs: Date.parse(watcher.time) - Date.now() };
  }

  #tick(): void {
    const now = this.#now;
    showHealth(this.#health, now);
    this.#showTitle();
    if (this.#fleet.size === 0) return;
    this.#summary.tick(now);
    if (this.#router.route.migration === undefined) this.#table.tick(now);
    else this.#detail.tick(now);
  }

  #showTitle(): void {
    const ready = this.#fleet.byUrgency.filter(({ view }) => statusOf(view) === 'ready').length;
    const { migration } = this.#router.route;
    const title = migration === undefined ? 'cutover-watch' : `${migration} – cutover-watch`;
    const isLost = this.#health.connection.state === 'lost';
    document.title = isLost ? `Not connected – ${title}` : `${ready > 0 ? `(${ready} ready) ` : ''}${title}`;
  }

  /** Shows the route after it has changed, and moves the focus to what it leads to. */
  #show(former: string | undefined): void {
    const { migration } = this.#router.route;
    if (migration !== former) this.#detail.close();
    this.#render();
    if (migration !== undefined) this.#detail.focus();
    else if (former !== undefined) this.#table.focus(former);
  }

  #render(): void {
    window.clearTimeout(this.#batch);
    this.#batch = undefined;
    const { watcher } = this.#health;
    const { migration, filter } = this.#router.route;
    byId('loading', HTMLElement).hidden = watcher !== undefined;
    byId('overview', HTMLElement).hidden = watcher === undefined || migration !== undefined;
    byId('detail', HTMLElement).hidden = watcher === undefined || migration === undefined;
    if (watcher === undefined) return;
    if (migration === undefined) this.#renderList(filter);
    else
      this.#detail.show(migration, this.#fleet.find(migration), {
        listAddress: addressOf({ filter }),
        consoleUrl: watcher.consoleUrl,
      });
    this.#tick();
  }

  #renderList(filter: Filter): void {
    const addressOfMigration = (name: string): string => addressOf({ filter, migration: name });
    const all = this.#fleet.byUrgency;
    const shown = this.#toolbar.apply(all, filter);
    this.#summary.show(all, filter, addressOfMigration);
    this.#table.show(shown, addressOfMigration);
    byId('table', HTMLElement).hidden = shown.length === 0;
    const empty = byId('empty', HTMLElement);
    empty.hidden = shown.length > 0;
    setText(
      empty,
      all.length === 0
        ? 'No migration is watched.'
        : 'Nothing matches. Remove a filter or shorten the search.',
    );
  }
}
