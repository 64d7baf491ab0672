import type { EventRecord } from '../events/event-record.ts';
import { badge, showBadge } from './badge.ts';
import { getJson } from './connection.ts';
import { copyable } from './copy-button.ts';
import { element, setAttribute, setText } from './dom.ts';
import { factItems } from './facts.ts';
import { labelsOf } from './filter.ts';
import { createLagSection } from './lag-section.ts';
import type { Entry } from './migration-row.ts';
import { outlookOf } from './next-step.ts';
import { timelineItems } from './timeline.ts';

/** One migration with all that is known of it. */
export interface Detail {
  readonly element: HTMLElement;
  readonly heading: HTMLElement;
  update(entry: Entry, now: number): void;
  tick(now: number): void;
  /** Reads what happened so far; also again, when something may have been missed. */
  load(): Promise<void>;
  tell(record: EventRecord): void;
  destroy(): void;
}

const eventsAtOnce = 500;

/** `clock` is the time by the watcher's clock, in ms since 1970. */
export function createDetail({ view }: Entry, back: string, consoleUrl: string, clock: () => number): Detail {
  const { migration, groupId, liveMigrationId } = view;
  const state = badge();
  const heading = element('h2', { id: 'detail-name', tabindex: '-1' }, migration);
  const outlook = element('p', { class: 'outlook big' });
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
      state,
      ...labelsOf(view).map((each) => element('span', { class: 'label' }, each)),
    ),
    element('div', { class: 'next' }, outlook, qualifier),
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
  let shown: Entry | undefined;
  let events: readonly EventRecord[] = [];

  function tick(now: number): void {
    if (shown === undefined) return;
    const { main, note = '', pressing = '' } = outlookOf(shown.view, now);
    setText(outlook, main);
    setText(qualifier, note);
    setAttribute(outlook, 'data-pressing', pressing);
  }

  async function loadEvents(): Promise<void> {
    const path = `api/migrations/${encodeURIComponent(migration)}/events?last=${eventsAtOnce}`;
    ({ events } = await getJson<{ readonly events: readonly EventRecord[] }>(path));
    showEvents();
  }

  function showEvents(): void {
    timeline.replaceChildren(...timelineItems(events));
    lag.mark(events);
  }

  return {
    element: page,
    heading,
    tick,
    update(entry, now) {
      shown = entry;
      showBadge(state, entry.view);
      showRemedy(remedy, entry);
      facts.replaceChildren(...factItems(entry.view, now), ...ids);
      const latest = entry.samples.at(-1);
      if (latest !== undefined) lag.add(latest);
      tick(now);
    },
    async load() {
      // Where the state file cannot be read, what comes by the stream is shown all the same.
      await Promise.allSettled([loadEvents(), lag.load()]);
    },
    tell(record) {
      if (record.migration !== migration || events.some(({ eventId }) => eventId === record.eventId)) return;
      events = [...events, record];
      showEvents();
    },
    destroy: () => lag.destroy(),
  };
}

/** What is shown where no migration of this name is watched, or not any more. */
export function unknownMigration(name: string, back: string): HTMLElement {
  const words = element('p', {}, `No migration called ${name} is watched.`);
  const heading = element('h2', { id: 'detail-name' }, 'Nothing here');
  return element('div', { class: 'empty' }, heading, words, backLink(back));
}

function backLink(address: string): HTMLElement {
  return element('p', {}, element('a', { href: address }, '← All migrations'));
}

/** While polls fail: what went wrong, and what to do about it. */
function showRemedy(box: HTMLElement, { view: { outage, reachable } }: Entry): void {
  box.hidden = outage === undefined;
  if (outage === undefined) return;
  const { errorType, httpStatus, detail = '', remedy = '', failures } = outage;
  const what = [errorType?.replaceAll('_', ' '), httpStatus && `HTTP ${httpStatus}`]
    .filter(Boolean)
    .join(', ');
  const head = reachable === false ? 'Atlas cannot be asked about it' : 'The latest poll failed';
  const polls = failures === 1 ? 'one poll' : `${failures} polls in a row`;
  box.replaceChildren(
    element('h3', {}, `▲\uFE0E ${head}${what && ` (${what})`}: ${polls}`),
    element('p', {}, detail),
    element('p', { class: 'todo' }, remedy),
  );
}
