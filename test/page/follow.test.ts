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

  test('a page that gets no stream asks for the list every 10 s, and says so', async () => {
    const { server, change } = await serveWeekend();
    const { page } = await open('about:blank');
    await page.clock.install();
    await page.addInitScript('delete window.SharedWorker');
    await page.route('**/api/stream', (route) => route.fulfill({ status: 503, body: '{}' }));
    await page.goto(server.origin);
    const row = page.getByRole('row', { name: 'customers' });
    await row.waitFor();
    await expect.poll(() => page.locator('#health').innerText()).toMatch(/^● Connected · updates every 10 s/);
    change('customers', { lag: [20, 2], ready: { ageMs: 0 } });
    await page.clock.fastForward(10_100);
    await expect.poll(() => row.locator('.badge').innerText()).toMatch(/Ready$/);
    await page.unroute('**/api/stream');
    await page.clock.fastForward(31_000);
    await expect.poll(() => page.locator('#health').innerText()).toMatch(/^● Connected · last read/);
  });

  test('without a shared worker, a hidden page closes its stream and asks every 15 s', async () => {
    const { server, change } = await serveWeekend();
    const { page, requests } = await open('about:blank');
    await page.clock.install();
    await page.addInitScript(`delete window.SharedWorker;
      Object.defineProperty(document, 'hidden', { get: () => window.isAway === true });`);
    await page.goto(server.origin);
    await page.getByRole('row', { name: 'customers' }).waitFor();
    await expect.poll(() => requests.filter((one) => one.endsWith('/api/stream')).length).toBe(1);
    const setAway = (isAway: boolean) =>
      page.evaluate(`window.isAway = ${isAway}; document.dispatchEvent(new Event('visibilitychange'))`);
    await setAway(true);
    const asked = () => requests.filter((one) => one.endsWith('/api/migrations')).length;
    const before = asked();
    change('customers', { lag: [20, 2], ready: { ageMs: 119 * 3_600_000 } });
    await page.clock.fastForward(15_100);
    await expect.poll(asked).toBe(before + 1);
    await expect.poll(() => page.title()).toMatch(/^Cut over customers/);
    await setAway(false);
    await expect.poll(() => requests.filter((one) => one.endsWith('/api/stream')).length).toBe(2);
  });

  test('a change that the stream does not send is shown within a minute', async () => {
    const { server, hide } = await serveWeekend();
    const { page } = await open('about:blank');
    await page.clock.install();
    await page.goto(server.origin);
    const row = page.getByRole('row', { name: 'customers' });
    await row.waitFor();
    hide('customers', { lag: [20, 2], ready: { ageMs: 0 } });
    await page.clock.fastForward(61_000);
    await expect.poll(() => row.locator('.badge').innerText()).toMatch(/Ready$/);
  });

  test('a silent watcher counts as lost, and the page connects again', async () => {
    const { server } = await serveWeekend();
    const { page } = await open('about:blank');
    await page.clock.install();
    await page.goto(server.origin);
    await page.getByRole('link', { name: 'orders' }).waitFor();
    await page.route('**/api/**', (route) => route.abort());
    await page.clock.fastForward(13_000);
    const lost = page.locator('.notice[data-kind="lost"]');
    await lost.waitFor();
    await expect.poll(() => lost.innerText()).toMatch(/What is shown is 1\d s old\. Trying again/);
    await expect
      .poll(() => page.locator('#headline').innerText())
      .toMatch(/^Not connected to the watcher since \d\d:\d\d/);
    await expect.poll(() => page.title()).toMatch(/^Not connected to the watcher since/);
    await page.unroute('**/api/**');
    await page.clock.fastForward(2_100);
    await lost.waitFor({ state: 'hidden' });
    await expect.poll(() => page.locator('#health').innerText()).toMatch(/^● Connected/);
  });

  test('a page is loaded again when the watcher was replaced by one with another page', async () => {
    const { server, context } = await serveWeekend();
    const { page } = await open('about:blank');
    await page.clock.install();
    await page.goto(server.origin);
    await page.getByRole('link', { name: 'orders' }).waitFor();
    await page.evaluate('window.isTheSame = true');
    const restart = (startedAt: number) => {
      Object.assign(context, { startedAt });
      return page.clock.fastForward(61_000);
    };
    // The same page goes on.
    const same = page.waitForResponse(`${server.origin}/`);
    await restart(Date.now() - 60_000);
    await same;
    expect(await page.evaluate('window.isTheSame')).toBe(true);
    await page.route(`${server.origin}/`, async (route) => {
      if (route.request().resourceType() === 'fetch') await route.fulfill({ body: 'another page' });
      else await route.continue();
    });
    await restart(Date.now());
    await expect.poll(() => page.evaluate('window.isTheSame')).toBeUndefined();
    await page.getByRole('link', { name: 'orders' }).waitFor();
  });
});
