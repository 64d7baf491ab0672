import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { scopeEvent } from '../state/sample-change.ts';
import { expectCleanVisit, inBrowser, isChromiumMissing, phone, type Visit } from './browser.ts';
import { manyMigrations } from './fleet.ts';
import { serveWeekend } from './weekend.ts';

const plotShown = (page: Visit['page']) => page.locator('.plot canvas').waitFor();
const sampleOf = (page: Visit['page']) => page.getByRole('slider').getAttribute('aria-valuetext');

describe.skipIf(isChromiumMissing)(
  'one migration in a browser (skipped where chromium is not installed)',
  () => {
    const open = inBrowser();

    test('a detail has what to do, plot, events and facts, and an address that outlives a rename', async () => {
      const { server, storeDay } = await serveWeekend();
      await storeDay('orders');
      const visit = await open(`${server.origin}/?label=team%3Apayments`);
      const { page } = visit;
      await page.getByRole('link', { name: 'orders' }).first().click();
      await page.getByRole('heading', { name: 'orders' }).waitFor();
      await expect
        .poll(() => new URL(page.url()).search)
        .toMatch(/^\?migration=[0-9a-f]{24}&label=team%3Apayments$/);
      const advice = page.getByRole('region', { name: 'What to do' });
      await expect
        .poll(() => advice.innerText())
        .toMatch(/^4 d 2[23] h.* left\s+Ready for cutover\. Cut over before .+\d\.\s+Stop all writes/);
      const console = advice.getByRole('link', { name: /^Open in Atlas/ });
      await expect
        .poll(() => console.getAttribute('href'))
        .toMatch(/^https:\/\/cloud\.mongodb\.com\/v2\/[0-9a-f]{24}$/);
      await expect.poll(() => page.title()).toContain('orders');
      await expect
        .poll(() => page.locator('figcaption').innerText())
        .toMatch(/^First 2 h\. Peak 2 h\. Now 4 s\.$/);
      await expect
        .poll(() => page.locator('.strip [role=img]').getAttribute('aria-label'))
        .toMatch(/Catching up .+; Ready .+ to now; End of the window \(estimate\): /);
      await expect
        .poll(() => page.locator('.timeline .msg').allInnerTexts())
        .toEqual([
          expect.stringMatching(/orders is still ready: cut over before .+ CES?T\.$/),
          expect.stringMatching(/orders is ready for cutover\. Cut over before .+ CES?T\./),
          expect.stringMatching(/orders is no longer ready for cutover/),
          expect.stringMatching(/orders is ready for cutover/),
          expect.stringMatching(/orders went from NEW to WORKING/),
          expect.stringMatching(/orders is/),
        ]);
      await expect.poll(() => page.locator('.facts dt').first().innerText()).toBe('Window ends (estimate)');
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
      for (const format of ['HTML', 'Markdown']) {
        const link = page.getByRole('link', { name: format, exact: true });
        const reply = await page.request.get(
          new URL((await link.getAttribute('href')) ?? '', page.url()).href,
        );
        expect(await reply.text()).toContain('orders');
      }
      expectCleanVisit(visit, server.origin);
    });

    test('leaving a detail goes back in history, and the list is scrolled and focused as before', async () => {
      const { server } = await serveWeekend(manyMigrations(60));
      const { page } = await open(server.origin);
      const link = page.locator('#overview a.name', { hasText: 'inventory-0053' });
      await link.scrollIntoViewIfNeeded();
      await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(100);
      const length = (await page.evaluate('history.length')) as number;
      const topOf = async () => Math.round((await link.boundingBox())?.y ?? -1);
      const address = page.url();
      const leave = {
        Escape: () => page.keyboard.press('Escape'),
        link: () => page.getByRole('link', { name: 'All migrations' }).click(),
        Back: () => page.goBack(),
      };
      for (const [how, go] of Object.entries(leave)) {
        await link.hover();
        const top = await topOf();
        await link.click();
        await page.getByRole('heading', { name: 'inventory-0053' }).waitFor();
        await expect.poll(() => page.evaluate('scrollY'), { message: how }).toBe(0);
        await go();
        await expect.poll(topOf, { message: how }).toBe(top);
        await expect
          .poll(() => page.locator(':focus').innerText(), { message: how })
          .toContain('inventory-0053');
        expect(page.url(), how).toBe(address);
      }
      // What was left by Escape, by the link or by Back is ahead in the history, and not behind.
      expect(await page.evaluate('history.length')).toBe(length + 1);
    });

    test('leaving a detail that was opened by its address leads to the list, and Back to the detail', async () => {
      const { server } = await serveWeekend();
      const { page } = await open(`${server.origin}/?migration=orders`);
      const heading = page.getByRole('heading', { name: 'orders' });
      await heading.waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'billing' }).first().waitFor();
      await page.goBack();
      await heading.waitFor();
    });

    test('ranges, buttons and dragging change the part that the plot shows, which a theme does not', async () => {
      const { server, storeDay } = await serveWeekend();
      await storeDay('orders');
      const { page } = await open(`${server.origin}/?migration=orders`);
      const caption = page.locator('figcaption');
      await plotShown(page);
      await page.getByRole('button', { name: '1 h', exact: true }).press('Enter');
      await expect.poll(() => caption.innerText()).toMatch(/^First 1\d s\. Peak 1\d s\. Now 4 s\.$/);
      await page.getByRole('button', { name: '24 h', exact: true }).press('Enter');
      await expect.poll(() => caption.innerText()).toMatch(/^First 2 h/);
      const box = await page.locator('.u-over').boundingBox();
      if (box === null) throw new Error('The plot is not there.');
      await page.mouse.move(box.x + box.width * 0.4, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 });
      await page.mouse.up();
      await expect.poll(() => caption.innerText()).toMatch(/^First .+Last \d+ min.*\.$/);
      const zoomed = await caption.innerText();
      await page.emulateMedia({ colorScheme: 'dark' });
      await plotShown(page);
      expect(await caption.innerText()).toBe(zoomed);
      let y = box.y + 50;
      // The plot is drawn again in the other colors, and a new one has not seen the pointer.
      const tipText = async (): Promise<string> => {
        y += 1;
        await page.mouse.move(box.x + box.width * 0.5, y);
        return (await page.locator('.tip').allInnerTexts()).join();
      };
      await expect.poll(tipText).toMatch(/: lag (\d+ (h|min|s) ?)+$/);
      await page.mouse.dblclick(box.x + 300, box.y + 50);
      await expect.poll(() => caption.innerText()).toMatch(/^First 2 h\. Peak 2 h\. Now 4 s\.$/);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.getByRole('button', { name: 'Show what lies ahead' }).click();
      await page.getByRole('button', { name: 'Log', exact: true }).click();
      await page.reload();
      await plotShown(page);
      await expect
        .poll(() => page.getByRole('button', { name: 'Log', exact: true }).getAttribute('aria-pressed'))
        .toBe('true');
      await page.evaluate('localStorage.clear()');
    });

    test('the samples can be read by keyboard alone, and the keys zoom', async () => {
      const { server, storeDay } = await serveWeekend();
      await storeDay('orders');
      const { page } = await open(`${server.origin}/?migration=orders`);
      await plotShown(page);
      const slider = page.getByRole('slider');
      await slider.focus();
      const last = await sampleOf(page);
      expect(last).toMatch(/: lag 4 s$/);
      await page.keyboard.press('Home');
      await expect.poll(() => sampleOf(page)).toMatch(/: lag 2 h$/);
      await expect.poll(() => page.locator('.tip').innerText()).toBe(await sampleOf(page));
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('2');
      await page.keyboard.press('PageDown');
      await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('22');
      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('21');
      const caption = page.locator('figcaption');
      await page.keyboard.press('+');
      await expect.poll(() => caption.innerText()).toMatch(/Last \d+ min/);
      await page.keyboard.press('End');
      await expect.poll(() => sampleOf(page)).toBe(last);
      await page.keyboard.press('0');
      await expect.poll(() => caption.innerText()).toMatch(/Now 4 s\.$/);
      await expect
        .poll(() => page.locator('#plot-help').innerText())
        .toMatch(/double-click to reset.+samples.+zoom/s);
    });

    test('on a phone the plot can be zoomed by touch, and its axis has at least two labels', async () => {
      const { server, storeDay } = await serveWeekend();
      await storeDay('orders');
      const visit = await open(`${server.origin}/?migration=orders`, { viewport: phone, hasTouch: true });
      const { page } = visit;
      await plotShown(page);
      const over = page.locator('.u-over');
      expect(await page.evaluate("getComputedStyle(document.querySelector('.u-over')).touchAction")).toBe(
        'pan-y',
      );
      await page.evaluate(`(() => {
        const { fillText } = CanvasRenderingContext2D.prototype;
        window.labels = [];
        CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
          if (/^\\d\\d:\\d\\d|^\\d+ \\w{3}/.test(text)) window.labels.push(text);
          return fillText.call(this, text, ...where);
        };
      })()`);
      for (const range of ['1 h', '6 h', '5 d', '24 h']) {
        await page.evaluate('window.labels = []');
        await page.getByRole('button', { name: range, exact: true }).click();
        const labels = () => page.evaluate('new Set(window.labels).size');
        await expect.poll(labels, { message: range }).toBeGreaterThanOrEqual(2);
      }
      const caption = page.locator('figcaption');
      await expect.poll(() => caption.innerText()).toMatch(/^First 2 h/);
      await over.scrollIntoViewIfNeeded();
      const box = await over.boundingBox();
      if (box === null) throw new Error('The plot is not there.');
      const device = await page.context().newCDPSession(page);
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
        device.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: x === undefined ? [] : [{ x: box.x + x, y: box.y + 60 }],
        });
      await touch('touchStart', 90);
      for (const x of [110, 130, 150]) await touch('touchMove', x);
      await touch('touchEnd');
      await expect.poll(() => caption.innerText()).toMatch(/Last (1 h|\d+ min)/);
      expect(visit.complaints).toEqual([]);
    });

    test('changes while a detail is open appear in its plot and events', async () => {
      const { server, streams, change, storeDay, context } = await serveWeekend();
      await storeDay('customers');
      const { page } = await open(`${server.origin}/?migration=customers`);
      await plotShown(page);
      const samples = async () => Number(await page.getByRole('slider').getAttribute('aria-valuemax'));
      const before = await samples();
      await expect.poll(() => page.locator('.timeline li').count()).toBe(4);
      change('customers', { lag: [15, 1], ready: { ageMs: 0 }, seenMs: 0 });
      const [customers, orders] = ['customers', 'orders'].map((name) => {
        const target = context.watch.snapshots().find((one) => one.target.name === name)?.target;
        return {
          migration: name,
          groupId: target?.groupId ?? '',
          liveMigrationId: target?.liveMigrationId ?? '',
        };
      });
      const record = sampleEvent('migration.ready_for_cutover', { ...customers, eventId: 'a'.repeat(32) });
      const other = sampleEvent('migration.first_seen', { ...orders, eventId: 'b'.repeat(32) });
      streams.broadcast([record, other, record].map((each) => ({ record: each, resumable: true })));
      await expect.poll(() => page.locator('.advice .main').innerText()).toMatch(/left$/);
      await expect.poll(() => page.locator('.timeline li').count()).toBe(5);
      await expect
        .poll(() => page.locator('.timeline .msg').first().innerText())
        .toContain('customers is ready for cutover');
      await expect.poll(() => samples()).toBe(before + 1);
      const otherProject = scopeEvent('c'.repeat(32), 'f'.repeat(24));
      const account = scopeEvent('d'.repeat(32));
      streams.broadcast([otherProject, account].map((scoped) => ({ record: scoped, resumable: true })));
      await expect.poll(() => page.locator('.timeline li').count()).toBe(6);
    });
  },
);
