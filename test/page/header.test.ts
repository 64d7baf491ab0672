import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { hour } from '../watch/sample-migrations.ts';
import { expectCleanVisit, inBrowser, isChromiumMissing } from './browser.ts';
import { weekend } from './fleet.ts';
import { serveWeekend } from './weekend.ts';

const iconTone = "document.getElementById('icon').href.match(/assets\\/([a-z]+)-/)[1]";

describe.skipIf(isChromiumMissing)('the top of the page (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  test('headline, tab and icon say the same, and stay in sight', async () => {
    const { server, change } = await serveWeekend();
    const visit = await open(server.origin);
    const { page } = visit;
    const headline = page.locator('#headline');
    await expect.poll(() => headline.innerText()).toMatch(/^Cut over sessions within .+, and 1 more\./);
    // Both are read at once, because the line may change.
    expect(await page.evaluate("document.title === headline.textContent + ' – cutover-watch'")).toBe(true);
    await expect.poll(() => page.evaluate(iconTone)).toBe('ready');
    await expect
      .poll(() => page.locator('#health').innerText())
      .toMatch(/^● Connected · last read .+ · watcher 1\.2\.3 · up 3 d 11 h$/);
    change('sessions', { ready: { ageMs: 125 * hour } });
    await expect.poll(() => headline.innerText()).toMatch(/^Overdue: sessions, by 5 h\./);
    await expect.poll(() => page.evaluate(iconTone)).toBe('alarm');
    await page.setViewportSize({ width: 1280, height: 300 });
    await page.mouse.wheel(0, 2_000);
    await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(0);
    expect((await headline.boundingBox())?.y).toBeGreaterThanOrEqual(0);
    expectCleanVisit(visit, server.origin);
  });

  test('where nothing was ever read, it says once what Atlas refuses and what to do', async () => {
    const refused = weekend
      .filter(({ settlement }) => settlement === undefined)
      .map(({ name }) => ({
        name,
        neverRead: true,
        outage: { kind: 'unauthorized' as const, ageMs: 60_000, failures: 3 },
      }));
    const { server } = await serveWeekend(refused);
    const visit = await open(server.origin);
    const { page } = visit;
    await expect
      .poll(() => page.locator('#headline').innerText())
      .toBe('Atlas refuses the API key: none of 8 migrations could be read.');
    const banner = page.locator('.notice');
    await expect.poll(() => banner.count()).toBe(1);
    await expect
      .poll(() => banner.innerText())
      .toMatch(/Nothing can be read from Atlas: credentials refused\..+Check the public/s);
    await expect.poll(() => page.locator('#health').innerText()).toContain('nothing read yet');
    await expect.poll(() => page.evaluate(iconTone)).toBe('alarm');
    await expect.poll(() => page.locator('tbody .badge').first().innerText()).toContain('Unknown');
    await visit.picture('wrong-key');
  });

  test('a poll loop that does not run is red, and rows look old', async () => {
    const reason = 'Polling has stopped. Restart the watcher.';
    const { server } = await serveWeekend(
      weekend,
      { configCurrent: false, stateWritable: false },
      { liveness: () => ({ alive: false, reason, stuckForSeconds: 95 }) },
    );
    const visit = await open(server.origin);
    const { page } = visit;
    await expect.poll(() => page.locator('#headline').innerText()).toMatch(/^Not watching since \d\d:\d\d/);
    await expect.poll(() => page.title()).toMatch(/^Not watching since/);
    await expect.poll(() => page.evaluate(iconTone)).toBe('alarm');
    await expect.poll(() => page.locator('.page').getAttribute('class')).toBe('page stale');
    const notices = page.locator('.notice');
    await expect
      .poll(() => notices.evaluateAll((all) => all.map((one) => one.dataset.tone)))
      .toEqual(['alarm', 'warning', 'warning']);
    await expect.poll(() => notices.first().innerText()).toContain(reason);
    await expect
      .poll(() => notices.nth(1).innerText())
      .toContain('The configuration was changed and is not valid');
    await expect.poll(() => notices.nth(2).innerText()).toContain('The state cannot be written');
    await visit.picture('not-watching');
  });

  test('a standby says so in headline and tab, and in a quiet line that is no alarm', async () => {
    const lease = { epoch: 7, holder: 'db-2 (pid 4)', remainingMs: 20_000 };
    const { server } = await serveWeekend(weekend, {}, { role: () => ({ role: 'standby', lease }) });
    const { page } = await open(server.origin);
    await expect.poll(() => page.title()).toMatch(/^Standing by for db-2\. Cut over sessions/);
    const notice = page.locator('.notice');
    await expect
      .poll(() => notice.innerText())
      .toBe('Standby: db-2 polls and reports. This one takes over if it ends.');
    expect(await notice.getAttribute('data-tone')).toBeNull();
  });

  test('what happened since this browser last looked survives a reload and a lost connection', async () => {
    const { server, store, streams, storeDay } = await serveWeekend();
    await storeDay('orders');
    const { page } = await open(server.origin);
    const button = page.getByRole('button', { name: /^Recent/ });
    await expect.poll(() => button.innerText()).toBe('Recent');
    await button.click();
    const entries = page.locator('#recent-events li');
    await expect.poll(() => entries.count()).toBe(6);
    await button.click();
    const record = {
      ...sampleEvent('migration.failed', { migration: 'billing', eventId: 'f'.repeat(32) }),
      time: new Date().toISOString(),
    };
    await store.commit({ states: [], outages: [], samples: [], events: [record], cursors: [] });
    streams.broadcast([{ record, resumable: true }]);
    await expect.poll(() => button.innerText()).toMatch(/1 new/);
    await page.reload();
    await expect.poll(() => button.innerText()).toMatch(/1 new/);
    await button.click();
    await expect.poll(() => entries.first().innerText()).toContain('billing');
    // The deadline of a ready migration is in the reader's zone.
    const ready = entries.filter({ hasText: 'is ready for cutover. Cut over before' }).first();
    expect(await ready.innerText()).not.toContain('UTC');
    await entries.first().getByRole('link').click();
    await page.getByRole('heading', { name: 'billing' }).waitFor();
    await page.reload();
    await expect.poll(() => button.innerText()).toBe('Recent');
  });

  test('notifications and sound are switched on for one browser, and each is made once', async () => {
    const { server, store, streams, storeDay } = await serveWeekend();
    await storeDay('orders');
    const { page } = await open('about:blank');
    await page.addInitScript(`window.notified = [];
      window.Notification = class extends EventTarget {
        static permission = 'granted';
        static requestPermission = async () => 'granted';
        constructor(title, options) { super(); window.notified.push([title, options.body]); }
      };`);
    await page.goto(server.origin);
    const button = page.getByRole('button', { name: 'Notify' });
    await button.click();
    await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
    await page.reload();
    await page.getByRole('link', { name: 'orders' }).waitFor();
    await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
    // The events of before are there, and are no news.
    await page.getByRole('button', { name: /^Recent/ }).waitFor();
    const ready = { migration: 'customers', eventId: 'e'.repeat(32) };
    const record = { ...sampleEvent('migration.ready_for_cutover', ready), time: new Date().toISOString() };
    await store.commit({ states: [], outages: [], samples: [], events: [record], cursors: [] });
    streams.broadcast([record, record].map((each) => ({ record: each, resumable: true })));
    const notified = () => page.evaluate('window.notified');
    await expect
      .poll(notified)
      .toEqual([['cutover-watch', expect.stringMatching(/^customers is ready for cutover/)]]);
  });
});
