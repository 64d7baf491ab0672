import type { EventRecord } from '../events/event-record.ts';
import { badge, showBadge } from './badge.ts';
import { getJson } from './connection.ts';
import { copyable } from './copy-button.ts';
import { element, setAttribute, setText } from './dom.ts';
import { factItems } from './facts.ts';
import { labelsOf } from './filter.ts';
import { createLagSection } from './lag-section.ts';
import type { MigrationRow } from './migration-row.ts';
import { nextStepOf } from './next-step.ts';
import { timelineItems } from './timeline.ts';

/** One migration in detail: next step, facts, lag and events. */
export interface Detail {
  readonly element: HTMLElement;
  readonly heading: HTMLElement;
  update(row: MigrationRow, now: number): void;
  tick(now: number): void;
  /** Loads the events and the lag so far. Called again after some may have been missed. */
  load(): Promise<void>;
  /** Adds an event of the stream that is about this migration, its project or the account. */
  addEvent(record: EventRecord): void;
  destroy(): void;
}

/** As many of the latest events are loaded. */
const loadedEvents = 500;

/** `back` is the address of the list; `clock` returns the time by the watcher's clock, in ms since 1970. */
export function createDetail(
  { view }: MigrationRow,
  back: string,
  consoleUrl: string,
  clock: () => number,
): Detail {
  const { migration, groupId, liveMigrationId } = view;
  const statusBadge = badge();
  const heading = element('h2', { id: 'detail-name', tabindex: '-1' }, migration);
  const nextStep = element('p', { class: 'next-step big' });
  const qualifier = element('p', { class: 'note' });
  const remedy = element('div', { class: 'remedy', hidden: '' });
  const facts = element('dl', { class: 'facts' });
  const lag = createLagSection(migration, clock);
  const timeline = element('ol', { class: 'timeline' });
  const project = `${consoleUrl}/v2/${groupId}`;
  const page = element(
    'div',
    { class: 'detail' },
    backLink(back),
    element(
      'div',
      { class: 'title' },
      heading,
      statusBadge,
      ...labelsOf(view).map((each) => element('span', { class: 'label' }, each)),
    ),
    element('div', { class: 'next' }, nextStep, qualifier),
    remedy,
    lag.element,
    element('section', { class: 'about', 'aria-label': 'Facts' }, element('h3', {}, 'Facts'), facts),
    element('section', { class: 'events', 'aria-label': 'Events' }, element('h3', {}, 'Events'), timeline),
  );
  const ids = [
    element('dt', {}, 'Project (group) id'),
    element('dd', {}, copyable('project id', groupId)),
    element('dt', {}, 'Live migration id'),
    element('dd', {}, copyable('live migration id', liveMigrationId)),
    element('dt', {}, 'Atlas console'),
    element('dd', {}, element('a', { href: project, target: '_blank', rel: 'noreferrer' }, project)),
  ];
  let shown: MigrationRow | undefined;
  let events: readonly EventRecord[] = [];

  function tick(now: number): void {
    if (shown === undefined) return;
    const { main, note = '', pressing = '' } = nextStepOf(shown.view, now);
    setText(nextStep, main);
    setText(qualifier, note);
    setAttribute(nextStep, 'data-pressing', pressing);
  }

  async function loadEvents(): Promise<void> {
    const path = `api/migrations/${encodeURIComponent(migration)}/events?last=${loadedEvents}`;
    ({ events } = await getJson<{ readonly events: readonly EventRecord[] }>(path));
    showEvents();
  }

  function showEvents(): void {
    timeline.replaceChildren(...timelineItems(events));
    lag.showEvents(events);
  }

  return {
    element: page,
    heading,
    tick,
    update(row, now) {
      shown = row;
      showBadge(statusBadge, row.view);
      showRemedy(remedy, row);
      facts.replaceChildren(...factItems(row.view, now), ...ids);
      const latest = row.samples.at(-1);
      if (latest !== undefined) lag.add(latest);
      tick(now);
    },
    async load() {
      // While the state file can't be read, both fail, and the stream's data is still shown.
      await Promise.allSettled([loadEvents(), lag.load()]);
    },
    addEvent(record) {
      if (!isAbout(record, view) || events.some(({ eventId }) => eventId === record.eventId)) return;
      events = [...events, record];
      showEvents();
    },
    destroy: () => lag.destroy(),
  };
}

function isAbout(record: EventRecord, { migration, groupId }: MigrationRow['view']): boolean {
  switch (record.scope) {
    case 'account':
      return true;
    case 'project':
      return record.groupId === groupId;
    default:
      return record.migration === migration;
  }
}

/** Returns what is shown instead of a detail where no migration with this name is watched. */
export function unknownMigration(name: string, back: string): HTMLElement {
  const text = element('p', {}, `No migration called ${name} is watched.`);
  const heading = element('h2', { id: 'detail-name' }, 'Not found');
  return element('div', { class: 'empty' }, heading, text, backLink(back));
}

function backLink(address: string): HTMLElement {
  return element('p', {}, element('a', { href: address }, '← All migrations'));
}

/** Shows what went wrong and what to do, while polls fail. */
function showRemedy(box: HTMLElement, { view: { outage, reachable } }: MigrationRow): void {
  box.hidden = outage === undefined;
  if (outage === undefined) return;
  const { errorType, httpStatus, detail = '', remedy = '', failures } = outage;
  const reason = [errorType?.replaceAll('_', ' '), httpStatus && `HTTP ${httpStatus}`]
    .filter(Boolean)
    .join(', ');
  const head = reachable === false ? "Can't be read" : 'Polls fail';
  const polls = failures === 1 ? '1 failed poll' : `${failures} failed polls in a row`;
  box.replaceChildren(
    element('h3', {}, `▲\uFE0E ${head}${reason && ` (${reason})`}: ${polls}`),
    element('p', {}, detail),
    element('p', { class: 'todo' }, remedy),
  );
}
