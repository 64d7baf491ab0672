import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { scopeEvent } from '../state/sample-change.ts';
import { expectCleanVisit, inBrowser, isChromiumMissing, phone } from './browser.ts';
import { serveWeekend } from './weekend.ts';

describe.skipIf(isChromiumMissing)(
  'one migration in a browser (skipped where chromium is not installed)',
  () => {
    const open = inBrowser();

    test('a detail has plot, events, facts and ids, and leads back to the list', async () => {
      const { server, storeDay } = await serveWeekend();
      await storeDay('orders');
      const visit = await open(`${server.origin}/?label=team%3Apayments`);
      const { page } = visit;
      await page.getByRole('link', { name: 'orders' }).click();
      await page.getByRole('heading', { name: 'orders' }).waitFor();
      expect(new URL(page.url()).search).toBe('?migration=orders&label=team%3Apayments');
      const caption = page.locator('figcaption');
      await expect
        .poll(() => caption.innerText())
        .toMatch(/^1700 samples: 2 h at first, 2 h at most, 4 s now\./);
      // The plot has its line: many pixels have its color.
      const points = await page.evaluate(`(() => {
      const canvas = document.querySelector('.uplot canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let green = 0;
      for (let at = 0; at < data.length; at += 4)
        if (data[at] === 11 && data[at + 1] === 107 && data[at + 2] === 80 && data[at + 3] === 255) green += 1;
      return green;
    })()`);
      expect(points).toBeGreaterThan(300);
      expect(await page.locator('.timeline .msg').allInnerTexts()).toEqual([
        expect.stringMatching(/^orders is still ready/),
        expect.stringMatching(/^orders is ready for cutover/),
        expect.stringMatching(/^orders is no longer ready for cutover/),
        expect.stringMatching(/^orders is ready for cutover/),
        expect.stringMatching(/^orders went from NEW to WORKING/),
        expect.stringMatching(/^orders is watched/),
      ]);
      const console = page.getByRole('link', { name: /cloud\.mongodb\.com/ });
      expect(await console.getAttribute('href')).toMatch(/^https:\/\/cloud\.mongodb\.com\/v2\/[0-9a-f]{24}$/);
      expect(await page.title()).toMatch(/^orders: Cut over sessions within .+ – cutover-watch$/);
      await page.mouse.move(600, 350);
      await expect.poll(() => page.locator('.reading').innerText()).toMatch(/: (\d+ (h|min|s) ?)+$/);
      await page.mouse.move(0, 0);

      await page.goBack();
      await expect
        .poll(() => page.locator('tbody .name').allTextContents())
        .toEqual(['orders', 'billing', 'invoices']);
      await page.goForward();
      await page.getByRole('heading', { name: 'orders' }).waitFor();
      await page.getByRole('link', { name: '← All migrations' }).click();
      await expect.poll(() => new URL(page.url()).search).toBe('?label=team%3Apayments');
      expectCleanVisit(visit, server.origin);
    });

    test('buttons and dragging change the time that the plot shows', async () => {
      const { server, storeDay } = await serveWeekend();
      await storeDay('orders');
      const { page } = await open(`${server.origin}/?migration=orders`);
      const caption = page.locator('figcaption');
      await expect.poll(() => caption.innerText()).toMatch(/^1700 samples/);
      await page.getByRole('button', { name: '1 h', exact: true }).press('Enter');
      await expect.poll(() => caption.innerText()).toMatch(/^1(19|20|21) samples/);
      expect(await page.locator('[data-range="1h"]').getAttribute('aria-pressed')).toBe('true');
      const box = await page.locator('.u-over').boundingBox();
      if (box === null) throw new Error('The plot is not there.');
      await page.mouse.move(box.x + 100, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + 200, box.y + 60, { steps: 4 });
      await page.mouse.up();
      await page.mouse.move(box.x + 5, box.y + 50);
      const leftmost = async () => page.locator('.reading').innerText();
      const zoomed = await leftmost();
      await page.mouse.dblclick(box.x + 300, box.y + 50);
      await page.mouse.move(box.x + 6, box.y + 51);
      await expect.poll(leftmost).not.toBe(zoomed);
    });

    test('the plot can be zoomed by keyboard and by touch', async () => {
      const { server, storeDay } = await serveWeekend();
      await storeDay('orders');
      const visit = await open(`${server.origin}/?migration=orders`, { viewport: phone, hasTouch: true });
      const { page } = visit;
      await expect.poll(() => page.locator('figcaption').innerText()).toMatch(/^1700 samples/);
      const over = page.locator('.u-over');
      expect(await page.evaluate("getComputedStyle(document.querySelector('.u-over')).touchAction")).toBe(
        'pan-y',
      );
      const box = await over.boundingBox();
      if (box === null) throw new Error('The plot is not there.');
      const shown = () => page.evaluate("document.querySelector('.uplot canvas').toDataURL()");
      const whole = await shown();
      const pictures = [whole];
      for (const name of ['Zoom in', 'Zoom in', 'Earlier', 'Later', 'Zoom out', 'All']) {
        await page.getByRole('button', { name, exact: true }).press('Enter');
        await expect.poll(shown).not.toBe(pictures.at(-1));
        pictures.push(await shown());
      }
      // Each move back shows the same as before.
      expect(pictures.slice(4)).toEqual([pictures[2], pictures[1], whole]);

      const devtools = await page.context().newCDPSession(page);
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
        devtools.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: x === undefined ? [] : [{ x: box.x + x, y: box.y + 60 }],
        });
      await touch('touchStart', 40);
      for (const x of [60, 80, 100]) await touch('touchMove', x);
      await touch('touchEnd');
      await expect.poll(shown).not.toBe(whole);
      expect(visit.complaints).toEqual([]);
    });

    test('the time axis has at least two labels on a phone, also for a short time', async () => {
      const { server, sample } = await serveWeekend();
      const minutes = { orders: 1, customers: 3, 'search-index': 7, 'audit-log': 20 };
      for (const [name, length] of Object.entries(minutes)) await sample(name, length * 12, 5_000);
      const { page } = await open(server.origin, { viewport: phone });
      await page.evaluate(`(() => {
        const { fillText } = CanvasRenderingContext2D.prototype;
        window.labels = [];
        CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
          if (/^\\d\\d:\\d\\d/.test(text)) window.labels.push(text);
          return fillText.call(this, text, ...where);
        };
      })()`);
      for (const [name, length] of Object.entries(minutes)) {
        await page.getByRole('link', { name }).click();
        await expect
          .poll(() => page.locator('figcaption').innerText())
          .toMatch(new RegExp(`^${length * 12} samples`));
        await page.evaluate('window.labels = []');
        await page.getByRole('button', { name: 'All', exact: true }).click();
        const labels = () => page.evaluate('new Set(window.labels).size');
        await expect.poll(labels, { message: name }).toBeGreaterThanOrEqual(2);
        await page.goBack();
      }
    });

    test('changes while a detail is open appear in its plot and events', async () => {
      const { server, streams, change, storeDay } = await serveWeekend();
      await storeDay('customers');
      const { page } = await open(`${server.origin}/?migration=customers`);
      const caption = page.locator('figcaption');
      await expect.poll(() => caption.innerText()).toMatch(/^170\d samples/);
      const before = Number.parseInt(await caption.innerText(), 10);
      change('customers', { lag: [15, 1], ready: { ageMs: 0 }, seenMs: 0 });
      const record = sampleEvent('migration.ready_for_cutover', {
        migration: 'customers',
        eventId: 'a'.repeat(32),
      });
      const other = sampleEvent('migration.first_seen', { migration: 'orders', eventId: 'b'.repeat(32) });
      streams.broadcast([record, other, record].map((each) => ({ record: each, resumable: true })));
      await expect.poll(() => page.locator('.title .badge').innerText()).toMatch(/Ready$/);
      await expect.poll(() => page.locator('.timeline li').count()).toBe(5);
      expect(await page.locator('.timeline .msg').first().innerText()).toBe(record.msg);
      expect(Number.parseInt(await caption.innerText(), 10)).toBe(before + 1);
      const otherProject = scopeEvent('c'.repeat(32), 'f'.repeat(24));
      const account = scopeEvent('d'.repeat(32));
      streams.broadcast([otherProject, account].map((scoped) => ({ record: scoped, resumable: true })));
      await expect.poll(() => page.locator('.timeline li').count()).toBe(6);
    });

    test("a detail has the remedy while the migration can't be read", async () => {
      const { server } = await serveWeekend();
      const visit = await open(`${server.origin}/?migration=invoices`);
      const remedy = visit.page.locator('.remedy');
      await remedy.waitFor();
      expect(await remedy.innerText()).toMatch(
        /Can't be read \(forbidden\): 24 failed polls in a row\s+It was forbidden\.\s+Give the key/,
      );
      await expect.poll(() => visit.page.locator('figcaption').innerText()).toMatch(/^(?:2\d|30) samples/);
      await visit.page.goto(`${server.origin}/?migration=catalogue`);
      await expect
        .poll(() => visit.page.locator('figcaption').innerText())
        .toBe('Atlas reported no lag in this time.');
      expectCleanVisit(visit, server.origin);
    });

    test('an id is copied by its button', async () => {
      const { server } = await serveWeekend();
      const { page } = await open(`${server.origin}/?migration=orders`);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const id = await page.locator('code').first().innerText();
      await page.getByRole('button', { name: 'Copy project id' }).click();
      await expect
        .poll(() => page.getByRole('button', { name: 'Copy project id' }).innerText())
        .toBe('Copied');
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(id);
    });

    test('the detail of an unknown name leads back to the list', async () => {
      const { server } = await serveWeekend();
      const { page } = await open(`${server.origin}/?migration=nobody`);
      await page.getByText('No migration called nobody is watched.').waitFor();
      await page.getByRole('link', { name: 'All migrations' }).click();
      await page.getByRole('link', { name: 'orders' }).waitFor();
    });
  },
);
