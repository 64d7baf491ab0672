import type { Page } from 'playwright-core';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import type { TimelineView } from '../../src/server/timeline-api.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import type { Span } from '../../src/watch/migration/lane.ts';

/** Hours before now. */
type Part = readonly [name: Span[0], from: number, to: number];

const watcher: readonly Part[] = [
  ['watching', 130, 9.5],
  ['not_watching', 9.5, 8.7],
  ['watching', 8.7, 0],
];
const away: Part = ['not_watched', 9.5, 8.7];

/** Returns what a migration did in the last days, so that it ends where the snapshot stands. */
function partsOf({ target, state }: MigrationSnapshot, now: number): readonly Part[] {
  if (state === undefined) return [];
  const hoursAgo = (at: number): number => (now - at) / 3_600_000;
  const seenAgo = hoursAgo(state.observation?.observedAt ?? now);
  const begin = 20 - (Number.parseInt(target.liveMigrationId.slice(-2), 16) % 9);
  const copy: readonly Part[] = [
    ['waiting', begin + 2, begin],
    ['initial_copy', begin, begin / 1.6],
  ];
  const ends = {
    COMPLETE: 'complete',
    FAILED: 'failed',
    EXPIRED: 'expired',
    DISAPPEARED: 'disappeared',
  } as const;
  if (state.settlement !== undefined) {
    const ready: readonly Part[] =
      state.settlement === 'COMPLETE'
        ? [
            ['ready', 8, seenAgo + 0.4],
            ['cutover', seenAgo + 0.4, seenAgo],
          ]
        : [];
    const from = ready[0]?.[1] ?? seenAgo;
    return [
      ...copy,
      ['catching_up', begin / 1.6, from],
      ...ready,
      [ends[state.settlement], seenAgo, 0],
      away,
    ];
  }
  const gaps: Part[] = [away];
  if (state.outage !== undefined) gaps.push(['unreadable', hoursAgo(state.outage.since), 0]);
  if (state.readiness !== undefined) {
    const since = hoursAgo(state.readiness.since);
    if (since > begin / 1.6) return [['ready', since, 0], ...gaps];
    return [...copy, ['catching_up', begin / 1.6, since], ['ready', since, 0], ...gaps];
  }
  if (state.known.status !== 'WORKING') return [['waiting', begin, 0], ...gaps];
  const parts: Part[] = [...copy, ['catching_up', begin / 1.6, 0], ...gaps];
  if (state.lagProgress?.stalled === true)
    parts.push(['stalled', (state.lagProgress.idleMs ?? 0) / 3_600_000, 0]);
  else parts.push(['stalled', 5.5, 4.2]);
  return parts;
}

/** Returns a timeline of a day that leads to where these migrations stand. `now` in ms since 1970. */
function timelineOf(watched: readonly MigrationSnapshot[], now: number): TimelineView {
  const at = (hours: number): number => Math.round(now / 1000 - hours * 3_600);
  const spans = (parts: readonly Part[]): Span[] =>
    parts.filter(([, from, to]) => from > to).map(([name, from, to]) => [name, at(from), at(to)]);
  return {
    from: at(24),
    to: at(0),
    watcher: spans(watcher),
    migrations: Object.fromEntries(watched.map((one) => [keyOf(one.target), spans(partsOf(one, now))])),
  };
}

/** Answers requests of the page for the timeline with this one. */
export async function answerTimeline(page: Page, watched: () => readonly MigrationSnapshot[]): Promise<void> {
  await page.route('**/api/timeline*', (route) => route.fulfill({ json: timelineOf(watched(), Date.now()) }));
}
