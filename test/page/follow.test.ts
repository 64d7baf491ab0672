import { describe, expect, test } from 'vitest';
import { expectCleanVisit, inBrowser, isChromiumMissing } from './browser.ts';
import { serveWeekend } from './weekend.ts';

describe.skipIf(isChromiumMissing)('following the watcher (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  test('eight tabs of one browser share one stream, and all are live', async () => {
    const { server, change } = await serveWeekend();
    const visits = [];
    for (let tab = 0; tab < 8; tab += 1) visits.push(await open(server.origin));
    for (const { page } of visits) await page.getByRole('link', { name: 'orders' }).waitFor();
    change('customers', { lag: [20, 2], ready: { ageMs: 0 } });
    for (const { page } of visits)
      await expect
        .poll(() => page.getByRole('row', { name: 'customers' }).locator('.badge').innerText())
        .toMatch(/Ready$/);
    for (const visit of visits) expectCleanVisit(visit, server.origin);
    const streams = visits.flatMap(({ requests }) => requests.filter((one) => one.endsWith('/api/stream')));
    expect(streams).toEqual([]);
  });
});
