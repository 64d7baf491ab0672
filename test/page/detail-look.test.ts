import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { inBrowser, isChromiumMissing, phone, resize, type Visit } from './browser.ts';
import { states } from './detail-states.ts';
import { serveWeekend } from './weekend.ts';

/** Returns the violations that axe-core finds. */
async function findings({ page }: Visit): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] })`,
  )) as axe.AxeResults;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

async function servedStates() {
  const served = await serveWeekend(states);
  for (const { name, history } of states) {
    if (history === 'day') await served.storeDay(name);
    if (history === 'hours') await served.sample(name, 600, 30_000);
  }
  return served;
}

const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

describe.skipIf(isChromiumMissing)('the look of a detail (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  test('every state is legible and accessible on a desktop, and says what to do first', async () => {
    const { server } = await servedStates();
    const visit = await open(server.origin);
    const { page } = visit;
    const mains: Record<string, string> = {};
    for (const { name, isChecked } of states) {
      await page.goto(`${server.origin}/?migration=${name}`);
      await page.getByRole('heading', { name, exact: true }).waitFor();
      await expect.poll(() => page.locator('.pending', { hasText: 'Loading' }).count()).toBe(0);
      mains[name] = await page.locator('.advice .main').innerText();
      if (isChecked) expect(await findings(visit), name).toEqual([]);
      await expect.poll(() => page.evaluate(isTooWide), { message: name }).toBe(false);
      await visit.picture(`detail-${name}`);
    }
    expect(mains).toEqual({
      orders: expect.stringMatching(/^4 d 2[23] h( \d+ min)? left$/),
      ledger: 'Overdue by 5 h',
      'search-index': expect.stringMatching(/^Ready in (about )?\d+/),
      'audit-log': expect.stringMatching(/^Stalled for 42 min/),
      invoices: "Can't be read",
      billing: 'Failed',
      inventory: 'Done',
      loyalty: 'Not read yet',
    });
  });

  test('a detail is accessible on a phone, dark, in forced colors, and is printed whole', async () => {
    const { server } = await servedStates();
    const visit = await open(`${server.origin}/?migration=orders`);
    const { page } = visit;
    const isDrawn = () => page.locator('.plot canvas').count();
    await expect.poll(isDrawn).toBe(1);
    for (const [name, media] of [
      ['dark', { colorScheme: 'dark' as const }],
      ['forced', { colorScheme: 'light' as const, forcedColors: 'active' as const }],
    ] as const) {
      await page.emulateMedia(media);
      expect(await findings(visit), name).toEqual([]);
      await visit.picture(`detail-${name}`);
    }
    await page.emulateMedia({ forcedColors: 'none', media: 'print' });
    await resize(page, { width: 700, height: 1_000 });
    await expect.poll(() => page.evaluate(isTooWide)).toBe(false);
    await visit.picture('detail-print');
    expect(await visit.page.locator('.printed').isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    await resize(page, phone);
    await expect.poll(isDrawn).toBe(1);
    await expect.poll(() => page.evaluate(isTooWide)).toBe(false);
    expect(await findings(visit)).toEqual([]);
    await visit.picture('detail-phone');
  });
});
