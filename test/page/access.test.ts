import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { inBrowser, isChromiumMissing, type Look, phone, type Visit } from './browser.ts';
import { serveWeekend } from './weekend.ts';

/** Returns what axe-core finds, in words. */
async function findings({ page }: Visit): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] })',
  )) as axe.AxeResults;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

const looks: readonly (readonly [name: string, look: Look])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { colorScheme: 'light', viewport: phone, reducedMotion: 'reduce' }],
];

describe.skipIf(isChromiumMissing)(
  'everybody can use the page (skipped where chromium is not installed)',
  () => {
    const open = inBrowser();

    test.each(looks)(
      'axe-core finds nothing in the list, in the detail, and with the connection lost: %s',
      async (name, look) => {
        const { server, remember } = await serveWeekend();
        remember('orders');
        const visit = await open(server.origin, look);
        const { page } = visit;
        await page.getByRole('link', { name: 'orders' }).waitFor();
        expect(await findings(visit)).toEqual([]);
        await visit.picture(name);
        const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
        expect(await page.evaluate(isTooWide)).toBe(false);
        await page.getByRole('link', { name: 'orders' }).click();
        await expect.poll(() => page.locator('figcaption').innerText()).toMatch(/^1700 samples/);
        expect(await findings(visit)).toEqual([]);
        await visit.picture(`detail-${name}`);
        expect(await page.evaluate(isTooWide)).toBe(false);
        await page.goto(`${server.origin}/?migration=invoices`);
        await page.locator('.remedy').waitFor();
        expect(await findings(visit)).toEqual([]);
        await page.getByRole('link', { name: '← All migrations' }).click();
        await server.close(0);
        await page.locator('#lost').waitFor();
        expect(await findings(visit)).toEqual([]);
        // However far one has scrolled.
        await page.mouse.wheel(0, 1_000);
        await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(0);
        expect((await page.locator('#lost').boundingBox())?.y).toBeGreaterThanOrEqual(0);
        await visit.picture(`lost-${name}`);
      },
    );
  },
);
