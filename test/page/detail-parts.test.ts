import { describe, expect, test } from 'vitest';
import {
  anyLocale,
  expectCleanVisit,
  inBrowser,
  isChromiumMissing,
  localesOf,
  type Visit,
} from './browser.ts';
import { serveWeekend } from './weekend.ts';

const plotShown = (page: Visit['page']) => page.locator('.plot canvas').waitFor();

describe.skipIf(isChromiumMissing)('parts of a detail (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  test('what cannot be loaded says why, and can be tried again', async () => {
    const { server, storeDay } = await serveWeekend();
    await storeDay('orders');
    const { page } = await open('about:blank');
    const error = 'The state file fails.';
    await page.route(/\/(lag|events)\?/, (route) => route.fulfill({ status: 503, json: { error } }));
    await page.route(/\/timeline\?migration/, (route) => route.abort());
    await page.goto(`${server.origin}/?migration=orders`);
    const faults = page.locator('.fault');
    await expect.poll(() => faults.count()).toBe(3);
    expect((await faults.allInnerTexts()).toSorted()).toEqual([
      "Couldn't load the events. The state file fails. Retry",
      "Couldn't load the lag history. The state file fails. Retry",
      "Couldn't load the phases. The watcher cannot be reached. Retry",
    ]);
    await page.unrouteAll();
    for (const left of [2, 1, 0]) {
      await faults.first().getByRole('button', { name: 'Retry' }).click();
      await expect.poll(() => faults.count()).toBe(left);
    }
    await plotShown(page);
    await expect.poll(() => page.locator('.timeline li').count()).toBe(6);
  });

  test("a migration that can't be read has the reason and the remedy, and one without events says so", async () => {
    const { server } = await serveWeekend();
    const visit = await open(`${server.origin}/?migration=invoices`);
    const { page } = visit;
    const advice = page.locator('.advice');
    await advice.waitFor();
    await expect
      .poll(() => advice.innerText())
      .toMatch(
        /^Can't be read\s+Since .+: access denied\. 24 polls failed\. Last read 12 min ago\.\s+Give the key/,
      );
    await expect.poll(() => page.locator('figcaption').innerText()).toMatch(/Last .+, 12 min ago\.$/);
    await expect.poll(() => page.locator('.events').innerText()).toMatch(/No events yet\.$/);
    await page.goto(`${server.origin}/?migration=catalogue`);
    await expect.poll(() => page.locator('figcaption').innerText()).toBe('No lag reported in this period.');
    expectCleanVisit(visit, server.origin);
  });

  test.each([
    { over: 'https or on this machine', hide: '' },
    { over: 'plain http', hide: "Object.defineProperty(navigator, 'clipboard', { value: undefined })" },
  ])('an id is copied over $over', async ({ hide }) => {
    const { server } = await serveWeekend();
    const { page } = await open('about:blank');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    if (hide !== '') await page.addInitScript(`window.read = navigator.clipboard; ${hide}`);
    else await page.addInitScript('window.read = navigator.clipboard');
    await page.goto(`${server.origin}/?migration=orders`);
    const id = await page.locator('code').first().innerText();
    const button = page.getByRole('button', { name: 'Copy project id' });
    await button.click();
    await expect.poll(() => button.innerText()).toBe('Copied');
    expect(await page.evaluate('window.read.readText()')).toBe(id);
  });

  test('dates are in English with the hour cycle of the reader', async () => {
    const { server, storeDay } = await serveWeekend();
    await storeDay('orders');
    const visit = await open('about:blank', anyLocale);
    const { page } = visit;
    const speak = await localesOf(page);
    for (const locale of ['en-US', 'de', 'ar']) {
      await speak(locale);
      await page.goto(`${server.origin}/?migration=orders`);
      await plotShown(page);
      await page.locator('.timeline li').first().waitFor();
      const text = `${await page.locator('.advice').innerText()} ${await page.locator('.timeline').innerText()}`;
      const clock = locale === 'de' ? /\d\d:\d\d/ : /\d{1,2}:\d\d.[ap]m/i;
      expect(text, locale).toMatch(
        new RegExp(`before (Mon|Tue|Wed|Thu|Fri|Sat|Sun) \\d+ [A-Z][a-z]{2}(, )?${clock.source}`, 'i'),
      );
      const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
      await expect.poll(() => page.evaluate(isTooWide), { message: locale }).toBe(false);
      await visit.picture(`detail-${locale}`);
    }
  });

  test('the detail of an unknown name leads back to the list', async () => {
    const { server } = await serveWeekend();
    const { page } = await open(`${server.origin}/?migration=nobody`);
    await page.getByText(`Migration "nobody" isn't being watched`).waitFor();
    await page.getByRole('link', { name: 'All migrations' }).click();
    await page.getByRole('link', { name: 'orders' }).first().waitFor();
  });
});
