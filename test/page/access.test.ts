import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { inBrowser, isChromiumMissing, phone, type ReaderOptions, type Visit } from './browser.ts';
import { manyMigrations } from './fleet.ts';
import { serveWeekend } from './weekend.ts';

/** Returns the violations that axe-core finds, by these rules or by all. */
async function findings({ page }: Visit, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const { violations } = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)})`,
  )) as axe.AxeResults;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** Returns the touch targets below 24 px (WCAG 2.2, 2.5.8), in words. */
async function tooSmall({ page }: Visit): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('main :is(a, button, input, select)')]
    .filter((node) => node.checkVisibility())
    .map((node) => ({ node, box: node.getBoundingClientRect() }))
    .filter(({ box }) => box.width < 24 || box.height < 24)
    .map(({ node, box }) => node.textContent + ' ' + box.width + ' x ' + box.height)`);
}

const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
const desktop = { width: 1280, height: 800 };
/** The only rules whose result depends on colors alone. */
const colorRules = ['color-contrast'];

describe.skipIf(isChromiumMissing)('the page is accessible (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  test('axe-core finds nothing in the list, light or dark', async () => {
    const { server } = await serveWeekend();
    const visit = await open(server.origin);
    const { page } = visit;
    await page.getByRole('link', { name: 'orders' }).waitFor();
    expect(await findings(visit)).toEqual([]);
    await visit.picture('light');
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    expect(await findings(visit, colorRules)).toEqual([]);
    await visit.picture('dark');
  });

  test('on a phone everything fits, targets are large enough to touch, and axe-core finds nothing', async () => {
    const { server, storeDay } = await serveWeekend();
    await storeDay('orders');
    const options: ReaderOptions = { viewport: phone, reducedMotion: 'reduce', hasTouch: true };
    const visit = await open(server.origin, options);
    const { page } = visit;
    const link = page.getByRole('link', { name: 'orders' });
    await link.waitFor();
    expect(await page.evaluate("matchMedia('(pointer: coarse)').matches")).toBe(true);
    expect(await findings(visit)).toEqual([]);
    expect(await tooSmall(visit)).toEqual([]);
    await expect.poll(() => page.evaluate(isTooWide)).toBe(false);
    await visit.picture('phone');
    await link.click();
    await page.locator('.plot canvas').waitFor();
    await page.locator('.timeline li').first().waitFor();
    expect(await findings(visit)).toEqual([]);
    expect(await tooSmall(visit)).toEqual([]);
    await expect.poll(() => page.evaluate(isTooWide)).toBe(false);
    await visit.picture('detail-phone');
  });

  test("axe-core finds nothing where a migration can't be read, or the connection is lost", async () => {
    const { server } = await serveWeekend();
    const visit = await open(`${server.origin}/?migration=invoices`);
    const { page } = visit;
    await page.locator('.advice').waitFor();
    expect(await findings(visit)).toEqual([]);
    await page.getByRole('link', { name: '← All migrations' }).click();
    await server.close(0);
    const lost = page.locator('.notice[data-kind="lost"]');
    await lost.waitFor();
    expect(await findings(visit)).toEqual([]);
    await visit.picture('lost');
    await page.setViewportSize({ ...desktop, height: 300 });
    await page.mouse.wheel(0, 1_000);
    await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(0);
    // The notice stays visible after scrolling.
    expect((await lost.boundingBox())?.y).toBeGreaterThanOrEqual(0);
  });

  test('axe-core finds nothing on the wall, with forced colors, or with groups', async () => {
    const { server } = await serveWeekend(manyMigrations(80));
    const visit = await open(server.origin);
    const { page } = visit;
    await page.locator('.fold').nth(1).click();
    await page.locator('tbody .name').first().waitFor();
    expect(await findings(visit)).toEqual([]);
    expect(await tooSmall(visit)).toEqual([]);
    await page.emulateMedia({ forcedColors: 'active' });
    expect(await findings(visit)).toEqual([]);
    await page.emulateMedia({ forcedColors: 'none' });
    await page.goto(`${server.origin}/?view=wall`);
    await page.locator('.deadlines').waitFor();
    expect(await findings(visit)).toEqual([]);
    expect(await page.locator('main :is(button, input, select)').filter({ visible: true }).count()).toBe(0);
  });
});
