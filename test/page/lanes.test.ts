import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { hour } from '../watch/sample-migrations.ts';
import {
  anyLocale,
  inBrowser,
  isChromiumMissing,
  localesOf,
  type ReaderOptions,
  resize,
  type Visit,
} from './browser.ts';
import { manyMigrations, type SampleMigration, weekend } from './fleet.ts';
import { answerTimeline } from './timeline.ts';
import { serveWeekend } from './weekend.ts';

const desktop = { width: 1280, height: 800 };
const tablet = { width: 800, height: 1_000 };
const phone = { width: 390, height: 844 };

/** What of the table does not fit into its place, in words. Where a lane has no room for a word, it is cut. */
const overflowing = `[...document.querySelectorAll('#table :is(td, th):not(.lane), #table :is(.name, .figure, .note, .main, .badge, .button)')]
  .filter((node) => node.checkVisibility() && getComputedStyle(node).display !== 'inline')
  .filter((node) => node.scrollWidth > node.clientWidth + 1)
  .map((node) => node.className + ': ' + node.textContent + ' ' + node.scrollWidth + ' > ' + node.clientWidth)`;
const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

/** A window has ended; one that is nearly ready and one that is ready were not read for three hours. */
const overdue: readonly SampleMigration[] = weekend.map((each) => {
  if (each.name === 'sessions') return { ...each, ready: { ageMs: 125.1 * hour } };
  if (each.name === 'search-index') return { ...each, seenMs: 3 * hour };
  return each.name === 'customers'
    ? { ...each, lag: [20, 4], ready: { ageMs: 119.2 * hour }, seenMs: 3 * hour }
    : each;
});

const isOpen = ({ settlement }: SampleMigration): boolean => settlement === undefined;
const only = (name: string): SampleMigration[] => weekend.filter((each) => each.name === name);

/** What someone on call has to see at a glance, with the headline that says it. */
const situations: Readonly<Record<string, readonly [readonly SampleMigration[], RegExp]>> = {
  ready: [
    only('sessions').map((each) => ({ ...each, ready: { ageMs: 115.95 * hour } })),
    /^Cut over sessions within 4 h 2 min\. All read/,
  ],
  stalled: [['audit-log', 'search-index'].flatMap(only), /^Nothing is ready for cutover\. 1 stalled\./],
  complete: [
    weekend.slice(0, 6).map(({ name }, number) => ({
      name,
      status: 'COMPLETE',
      settlement: 'COMPLETE',
      seenMs: (number + 1) * hour,
    })),
    /^All 6 migrations are complete\.$/,
  ],
  away: [
    weekend.map((each) => {
      if (!isOpen(each)) return each;
      return { ...each, seenMs: 3 * hour, outage: { kind: 'server_error', ageMs: 3 * hour, failures: 90 } };
    }),
    /Atlas has not been read since \d\d:\d\d \(Atlas server error\)/,
  ],
};

describe.skipIf(isChromiumMissing)('the lanes in a browser (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  async function look(
    migrations: readonly SampleMigration[],
    query = '',
    prepare: (page: Page) => Promise<unknown> = async () => {},
    options: ReaderOptions = {},
  ): Promise<Visit> {
    const { server, snapshots } = await serveWeekend(migrations);
    const visit = await open('about:blank', options);
    await prepare(visit.page);
    await answerTimeline(visit.page, snapshots);
    await visit.page.goto(`${server.origin}/${query}`);
    await visit.page.locator('thead .watching').first().waitFor();
    return visit;
  }

  test('a lane shows what the log has, and follows what happens', async () => {
    const { server, streams, storeDay, change } = await serveWeekend();
    await storeDay('orders');
    const { page } = await open('about:blank');
    await page.clock.install();
    await page.goto(server.origin);
    const lane = page.getByRole('row', { name: 'orders' }).getByRole('img');
    const textOf = async (): Promise<string> => (await lane.getAttribute('aria-label')) ?? '';
    await expect
      .poll(textOf)
      .toMatch(/Catching up .+Ready \d\d:\d\d to now; End of the window \(estimate\): /);
    await expect.poll(() => lane.locator('.phase.ready').count()).toBe(2);
    await expect.poll(() => lane.locator('.window').count()).toBe(1);
    await expect
      .poll(() => page.locator('thead .watcher').innerText())
      .toMatch(/Watching\s+The watcher\s+last read (now|\d+ s ago)/);
    // The end is in the row at once, and the lane is asked for again, soon.
    change('orders', { status: 'FAILED', settlement: 'FAILED' });
    const requested = page.waitForRequest(/api\/timeline/);
    streams.broadcast([
      { record: sampleEvent('migration.failed', { migration: 'orders' }), resumable: true },
    ]);
    await expect.poll(() => page.locator('#latest').innerText()).toContain('orders');
    await page.clock.fastForward(5_100);
    await requested;
    await expect.poll(() => lane.locator('.window').count()).toBe(0);
  });

  test.each([1, 6, 30, 1_000])('the list of %d migrations fits', async (count) => {
    const visit = await look(manyMigrations(count));
    await visit.picture(`list-${count}`);
    await expect.poll(() => visit.page.evaluate(isTooWide)).toBe(false);
  });

  test.each(Object.entries(situations))('at a glance: %s', async (name, [migrations, headline]) => {
    const visit = await look(migrations);
    await visit.picture(`glance-${name}`);
    await expect.poll(() => visit.page.locator('#headline').innerText()).toMatch(headline);
    const read = /last read [^·]+(?= ·)/.exec(await visit.page.locator('#health').innerText())?.[0];
    await expect.poll(() => visit.page.locator('thead .watcher .left').innerText()).toBe(read);
    await resize(visit.page, phone);
    await visit.picture(`glance-${name}-phone`);
    await expect.poll(() => visit.page.evaluate(isTooWide)).toBe(false);
    await expect.poll(() => visit.page.evaluate(overflowing)).toEqual([]);
  });

  test('what was read before the connection was lost six hours ago looks old', async () => {
    const { server, snapshots } = await serveWeekend();
    const visit = await open('about:blank');
    const { page } = visit;
    await page.clock.install();
    await answerTimeline(page, snapshots);
    await page.goto(server.origin);
    await page.locator('thead .watching').first().waitFor();
    await page.route('**/api/**', (route) => route.abort());
    await page.clock.fastForward('06:00:00');
    await page.locator('.notice[data-kind="lost"]').waitFor();
    await expect
      .poll(() => page.getByRole('row', { name: 'customers' }).innerText())
      .toContain('was nearly ready when last read 6 h ago');
    await visit.picture('lost-6h');
    // Nothing is said of the time since.
    await expect
      .poll(() => page.locator('thead .watcher').innerText())
      .toMatch(/Not connected\s+The watcher\s+last read 6 h/);
    const ofNow = () =>
      page
        .getByRole('img')
        .evaluateAll((all) => all.map((one) => one.ariaLabel).filter((text) => text?.includes('to now')));
    await expect.poll(ofNow).toEqual([]);
  });

  test('nothing is wider than its place, whatever the language of the reader', async () => {
    const visit = await look(overdue, '', undefined, anyLocale);
    const { page } = visit;
    const speak = await localesOf(page);
    for (const locale of ['en-US', 'en-CA', 'en-AU', 'en-IN', 'pt-BR', 'de', 'ar']) {
      await speak(locale);
      await page.reload();
      await page.locator('thead .watching').first().waitFor();
      for (const [name, viewport] of Object.entries({ desktop, tablet, phone })) {
        await resize(page, viewport);
        await expect.poll(() => page.evaluate(overflowing), { message: `${locale}, ${name}` }).toEqual([]);
        await expect.poll(() => page.evaluate(isTooWide), { message: `${locale}, ${name}` }).toBe(false);
        if (['en-US', 'de', 'ar'].includes(locale)) await visit.picture(`list-${locale}-${name}`);
      }
      // Dates are in English for all, from left to right, and the hour cycle is the reader's.
      expect(await page.evaluate('getComputedStyle(document.body).direction')).toBe('ltr');
      const until = await page.getByRole('row', { name: 'orders' }).locator('.left .note').innerText();
      const isTwelve = !['de', 'pt-BR'].includes(locale);
      expect(until, locale).toMatch(
        isTwelve
          ? /^until about \w{3} \d+ \w{3,4}, \d+:\d\d [ap]m$/
          : /^until about \w{3} \d+ \w{3,4}, \d\d:\d\d$/,
      );
    }
  });

  test('overdue comes first, what was read long ago looks old, and no color is needed to see it', async () => {
    const visit = await look(overdue, '', (blank) => blank.emulateMedia({ reducedMotion: 'reduce' }));
    const { page } = visit;
    const first = page.locator('tbody tr').first();
    await expect
      .poll(() => first.innerText())
      .toMatch(/Overdue\s+sessions\s+.*by 5 h 6 min\s+window ended about/s);
    await expect.poll(() => first.locator('.mark.overdue').count()).toBe(1);
    const old = page.locator('tr.old');
    await expect.poll(() => old.locator('.name').allInnerTexts()).toEqual(['customers', 'search-index']);
    await expect.poll(() => old.last().innerText()).toContain('was copying when last read 3 h ago');
    expect(await old.locator('.estimate').count()).toBe(0);
    await page.getByRole('row', { name: 'invoices' }).getByRole('button', { name: 'Why' }).click();
    await visit.picture('list-overdue');
    await resize(page, { width: 2_560, height: 1_440 });
    await visit.picture('list-wide');
    await resize(page, desktop);
    await page.emulateMedia({ colorScheme: 'dark' });
    await visit.picture('list-dark');
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
    await visit.picture('list-forced-colors');
    const borders = (await page.evaluate(
      "[...document.querySelectorAll('tr.migration')].map((row) => row.dataset.status + ' ' + getComputedStyle(row).borderLeftStyle)",
    )) as string[];
    expect(borders).toEqual(
      expect.arrayContaining(['overdue double', 'ready solid', 'failed dashed', 'unreachable dotted']),
    );
  });

  test('on paper it is black on white with the date, without anything to operate, and with every row whole', async () => {
    const visit = await look(manyMigrations(70), '', (blank) => blank.emulateMedia({ colorScheme: 'dark' }));
    const { page } = visit;
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await resize(page, { width: 1_000, height: 1_400 });
    await expect.poll(() => page.locator('tr.migration .left').count()).toBe(70);
    await visit.picture('list-print');
    await expect
      .poll(() => page.locator('.printed').innerText())
      .toMatch(/^Printed \w{3} \d+ \w{3,4} \d{4}, \d\d:\d\d CES?T$/);
    expect(await page.locator('main :is(input, select, .button)').filter({ visible: true }).count()).toBe(0);
    const looks = (await page.evaluate(`[...document.querySelectorAll('tr.migration')].map((row) => {
      const { breakInside, contentVisibility, color } = getComputedStyle(row);
      return [breakInside, contentVisibility, color].join(' ');
    })`)) as string[];
    expect(new Set(looks)).toEqual(new Set(['avoid visible rgb(0, 0, 0)']));
  });

  test('a screen on the wall shows the next three deadlines and as many lanes as fit', async () => {
    const visit = await look([...overdue, ...manyMigrations(30)], '?view=wall', (blank) =>
      blank.setViewportSize({ width: 1_920, height: 1_080 }),
    );
    const { page } = visit;
    await expect.poll(() => page.locator('.rest').innerText()).toMatch(/^And \d+ more: .+ complete$/);
    await expect
      .poll(() => page.locator('.deadlines .of').allInnerTexts())
      .toEqual(['sessions', 'customers', expect.stringContaining('sessions-')]);
    await visit.picture('wall');
    await expect.poll(() => page.evaluate('document.documentElement.scrollHeight <= innerHeight')).toBe(true);
  });

  test('five days, and groups', async () => {
    const visit = await look(manyMigrations(80), '?range=5d');
    await visit.page.locator('.fold').nth(1).click();
    await visit.picture('list-groups');
    await resize(visit.page, phone);
    await visit.picture('list-groups-phone');
    await expect.poll(() => visit.page.evaluate(isTooWide)).toBe(false);
    await expect.poll(() => visit.page.evaluate(overflowing)).toEqual([]);
  });
});
