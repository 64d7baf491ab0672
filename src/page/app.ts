import type { EventRecord } from '../events/event-record.ts';
import type { MigrationView } from '../server/migration-view.ts';
import type { WatcherView } from '../server/watcher-view.ts';
import type { List, Listener } from './connection.ts';
import { createDetail, type Detail, unknownMigration } from './detail.ts';
import { byId, setText } from './dom.ts';
import { Fleet } from './fleet.ts';
import { type Contact, showHealth } from './health.ts';
import { type Entry, keyOf } from './migration-row.ts';
import { addressOf, type Filter, type Route, readRoute, withLabel, withStanding } from './route.ts';
import { standingOf } from './status.ts';
import { createSummary } from './summary.ts';
import { createTable } from './table.ts';
import { localText } from './times.ts';
import { createToolbar } from './toolbar.ts';

/** What comes by the stream is shown this much later, all at once. In ms. */
const gatherMs = 200;

/** What the page knows, and what it shows of it. */
export class App implements Listener {
  readonly #fleet = new Fleet();
  readonly #table = createTable(byId('rows', HTMLElement), (label) =>
    this.#filter(withLabel(this.#route.filter, label)),
  );
  readonly #summary = createSummary((standing) => this.#filter(withStanding(this.#route.filter, standing)));
  readonly #toolbar = createToolbar((filter) => this.#filter(filter));
  #route: Route = readRoute(location.search);
  #contact: Contact = { state: 'connecting' };
  #watcher: WatcherView | undefined;
  /** How far the watcher's clock is ahead of ours, in ms. */
  #ahead = 0;
  #detail: { readonly of: string; readonly view: Detail; shown: Entry } | undefined;
  #gathering: number | undefined;

  constructor() {
    addEventListener('popstate', () => this.#go(readRoute(location.search)));
    document.addEventListener('click', (event) => this.#followLink(event));
    document.addEventListener('keydown', ({ key, defaultPrevented }) => {
      if (key === 'Escape' && !defaultPrevented && this.#route.migration !== undefined)
        this.#push(this.#listRoute());
    });
    document.addEventListener('visibilitychange', () => this.#tick());
    setInterval(() => this.#tick(), 1_000);
    this.#tick();
  }

  onAsked(): void {
    this.#fleet.expectList();
  }

  onList({ watcher, migrations }: List): void {
    const isBack = this.#contact.state === 'lost';
    this.#contact = { state: 'connected' };
    this.#takeWatcher(watcher);
    this.#fleet.takeList(migrations);
    this.#render();
    if (isBack) void this.#detail?.view.load();
  }

  onMigration(view: MigrationView): void {
    this.#fleet.take(view);
    // Timers go on in a tab that nobody looks at, so that its title does.
    this.#gathering ??= window.setTimeout(() => this.#render(), gatherMs);
  }

  onWatcher(view: WatcherView): void {
    this.#takeWatcher(view);
    this.#tick();
  }

  onEvent(record: EventRecord): void {
    this.#detail?.view.tell(record);
    const isNews = record.level !== 'debug' && record.event !== 'watcher.heartbeat';
    if (isNews) setText(byId('latest', HTMLElement), `${localText(record.time, this.#now)} ${record.msg}`);
  }

  onLost(silentMs: number): void {
    if (this.#contact.state !== 'lost') this.#contact = { state: 'lost', since: this.#now - silentMs };
    this.#tick();
  }

  /** By the watcher's clock, in ms since 1970. */
  get #now(): number {
    return Date.now() + this.#ahead;
  }

  #takeWatcher(view: WatcherView): void {
    this.#watcher = view;
    this.#ahead = Date.parse(view.time) - Date.now();
  }

  #tick(): void {
    const now = this.#now;
    showHealth(this.#watcher, this.#contact, now);
    this.#showTitle();
    if (this.#fleet.size === 0) return;
    this.#summary.tick(now);
    if (this.#route.migration === undefined) this.#table.tick(now);
    else this.#detail?.view.tick(now);
  }

  #showTitle(): void {
    const ready = this.#fleet.byUrgency.filter(({ view }) => standingOf(view) === 'ready').length;
    const { migration } = this.#route;
    const what = migration === undefined ? 'cutover-watch' : `${migration} – cutover-watch`;
    const lost = this.#contact.state === 'lost';
    document.title = lost ? `Not connected – ${what}` : `${ready > 0 ? `(${ready} ready) ` : ''}${what}`;
  }

  #render(): void {
    window.clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const now = this.#now;
    const { migration, filter } = this.#route;
    const isKnown = this.#watcher !== undefined;
    byId('loading', HTMLElement).hidden = isKnown;
    byId('overview', HTMLElement).hidden = !isKnown || migration !== undefined;
    byId('detail', HTMLElement).hidden = !isKnown || migration === undefined;
    if (!isKnown) return;
    if (migration === undefined) this.#renderList(filter);
    else this.#renderDetail(migration, now);
    this.#tick();
  }

  #renderList(filter: Filter): void {
    const addressOfMigration = (name: string): string => addressOf({ filter, migration: name });
    const all = this.#fleet.byUrgency;
    const left = this.#toolbar.apply(all, filter);
    this.#summary.show(all, filter, addressOfMigration);
    this.#table.show(left, addressOfMigration);
    byId('table', HTMLElement).hidden = left.length === 0;
    const empty = byId('empty', HTMLElement);
    empty.hidden = left.length > 0;
    setText(
      empty,
      all.length === 0
        ? 'No migration is watched.'
        : 'Nothing matches. Take a filter away, or search for less.',
    );
  }

  #renderDetail(name: string, now: number): void {
    const entry = this.#fleet.find(name);
    const place = byId('detail', HTMLElement);
    if (entry === undefined || this.#watcher === undefined) {
      this.#closeDetail();
      place.replaceChildren(unknownMigration(name, addressOf(this.#listRoute())));
      return;
    }
    const of = keyOf(entry.view) + entry.view.migration;
    if (this.#detail?.of !== of) {
      this.#closeDetail();
      const view = createDetail(
        entry,
        addressOf(this.#listRoute()),
        this.#watcher.consoleUrl,
        () => this.#now,
      );
      this.#detail = { of, view, shown: entry };
      place.replaceChildren(view.element);
      view.update(entry, now);
      void view.load();
    } else if (this.#detail.shown !== entry) {
      this.#detail.shown = entry;
      this.#detail.view.update(entry, now);
    }
  }

  #closeDetail(): void {
    this.#detail?.view.destroy();
    this.#detail = undefined;
  }

  #listRoute(): Route {
    return { filter: this.#route.filter };
  }

  /** Typing leaves no trail in the history. */
  #filter(filter: Filter): void {
    this.#route = { filter };
    history.replaceState(null, '', addressOf(this.#route));
    this.#render();
  }

  #push(route: Route): void {
    history.pushState(null, '', addressOf(route));
    this.#go(route);
  }

  #go(route: Route): void {
    const { migration: former } = this.#route;
    this.#route = route;
    if (route.migration !== former) this.#closeDetail();
    this.#render();
    if (route.migration !== undefined) this.#detail?.view.heading.focus();
    else if (former !== undefined) this.#table.focus(former);
  }

  /** Links within the page need no new one. */
  #followLink(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (
      link === null ||
      !isPlain ||
      link.target === '_blank' ||
      link.getAttribute('href')?.startsWith('./') !== true
    )
      return;
    event.preventDefault();
    this.#push(readRoute(new URL(link.href).search));
  }
}
