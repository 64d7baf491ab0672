import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { hour } from '../watch/sample-migrations.ts';
import { expectCleanVisit, inBrowser, isChromiumMissing } from './browser.ts';
import { manyMigrations, weekend } from './fleet.ts';
import { serveWeekend } from './weekend.ts';

describe.skipIf(isChromiumMissing)('the list in a browser (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  test('rows are in the order of urgency, each with its status as sign and word', async () => {
    const { server } = await serveWeekend();
    const visit = await open(server.origin);
    const { page } = visit;
    await page.getByRole('link', { name: 'orders' }).waitFor();
    const rows = page.locator('tbody tr');
    await expect
      .poll(() => rows.locator('.badge').allTextContents())
      .toEqual([
        '?\uFE0EUnknown',
        '★\uFE0EReady',
        '★\uFE0EReady',
        '✖\uFE0EFailed',
        '✖\uFE0EExpired',
        "▲\uFE0ECan't be read",
        '■\uFE0EStalled',
        '◕\uFE0ENearly ready',
        '◔\uFE0ECopying',
        '○\uFE0EWaiting',
        '✔\uFE0EComplete',
      ]);
    await expect
      .poll(() => rows.locator('.name').allTextContents())
      .toEqual([
        'loyalty',
        'sessions',
        'orders',
        'billing',
        'newsletter',
        'invoices',
        'audit-log',
        'customers',
        'search-index',
        'catalogue',
        'inventory',
      ]);
    const orders = page.getByRole('row', { name: 'orders' });
    await expect
      .poll(() => orders.innerText())
      .toMatch(/4 d 2[23] h left\s+until about \w{3} \d+ \w{3,4}, \d\d:\d\d\s+4 s\s+.*Open in Atlas ↗/s);
    await expect
      .poll(() => page.getByRole('row', { name: 'sessions' }).innerText())
      .toMatch(/(4 h 59|5 h 00) min left\s+until \d\d:\d\d or earlier/);
    await expect
      .poll(() => page.getByRole('row', { name: 'search-index' }).innerText())
      .toMatch(/ready in (about \d+ min|\d+ to \d+ min|\d+ min to \d+ h|\d+ to \d+ h)/);
    expectCleanVisit(visit, server.origin);
  });

  test('a change updates its row and moves it up without a page load', async () => {
    const { server, streams, change } = await serveWeekend();
    const { page } = await open(server.origin);
    const row = page.getByRole('row', { name: 'customers' });
    await row.waitFor();
    await page.evaluate('window.isTheSame = true');
    const link = row.locator('.name');
    await link.focus();
    change('customers', { lag: [20, 2], ready: { ageMs: 119.9 * hour } });
    await expect.poll(() => row.locator('.badge').innerText()).toMatch(/Ready$/);
    await expect.poll(() => page.locator('tbody .name').nth(1).innerText()).toBe('customers');
    // The row has moved, and its link still has the focus.
    await expect.poll(() => link.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    // Below an hour, seconds count down.
    const left = row.locator('.figure b');
    const atFirst = await left.innerText();
    expect(atFirst).toMatch(/^0\d:\d\d$/);
    await expect.poll(() => left.innerText()).not.toBe(atFirst);
    await expect.poll(() => page.title()).toMatch(/^Cut over customers within 5 min, and 2 more\./);
    await expect.poll(() => page.locator('.count[data-status="ready"]').innerText()).toMatch(/3\s*Ready/);

    const record = sampleEvent('migration.ready_for_cutover', { migration: 'customers' });
    streams.broadcast([{ record, resumable: true }]);
    await expect
      .poll(() => page.locator('#latest').innerText())
      .toContain('customers is ready for cutover. Cut over before');
    expect(await page.evaluate('window.isTheSame')).toBe(true);
  });

  test('search, labels and status are in the address, and a reload keeps them', async () => {
    const { server } = await serveWeekend();
    const { page } = await open(server.origin);
    const names = page.locator('tbody .name');
    await page.getByPlaceholder('Search').fill('PAY');
    await expect.poll(() => names.allTextContents()).toEqual(['orders', 'billing', 'invoices']);
    await page.getByLabel('Filter by label').selectOption('tier:critical');
    await expect.poll(() => names.allTextContents()).toEqual(['orders', 'billing']);
    await page.locator('.count[data-status="failed"]').click();
    await expect.poll(() => names.allTextContents()).toEqual(['billing']);
    expect(new URL(page.url()).search).toBe('?search=PAY&label=tier%3Acritical&state=failed');
    await page.reload();
    await expect.poll(() => names.allTextContents()).toEqual(['billing']);
    expect(await page.getByPlaceholder('Search').inputValue()).toBe('PAY');
    await expect.poll(() => page.locator('#shown').innerText()).toBe('1 of 11');
    await page.getByRole('button', { name: 'Remove the filter Failed' }).click();
    await page.getByRole('button', { name: 'Remove the filter tier:critical' }).click();
    await page.getByRole('row', { name: 'orders' }).getByRole('button', { name: 'team:payments' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?search=PAY&label=team%3Apayments');
    await page.getByPlaceholder('Search').fill('nothing like it');
    await expect.poll(() => page.locator('#empty').innerText()).toMatch(/^No migration matches\./);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expect.poll(() => page.locator('#shown').innerText()).toBe('11 migrations');
  });

  test('numbers by status are those of what search and labels leave, and labels of one name are alternatives', async () => {
    const { server } = await serveWeekend();
    const { page } = await open(`${server.origin}/?label=team:payments`);
    const counts = page.locator('.count');
    await counts.first().waitFor();
    await expect
      .poll(() => counts.allInnerTexts())
      .toEqual([
        expect.stringMatching(/3\s+Needs attention/),
        expect.stringMatching(/1\s+Ready/),
        expect.stringMatching(/1\s+Failed/),
        expect.stringMatching(/1\s+Can't be read/),
      ]);
    await page.getByLabel('Filter by label').selectOption('team:crm');
    await expect.poll(() => page.locator('#shown').innerText()).toBe('6 of 11');
    await page.getByRole('button', { name: /^\d+\s*Needs attention/ }).click();
    await expect.poll(() => page.locator('#shown').innerText()).toBe('5 of 11');
    expect(new URL(page.url()).searchParams.get('needs')).toBe('me');
  });

  test('a click anywhere in a row opens it, a label filters, and a reason opens in its place', async () => {
    const { server } = await serveWeekend();
    const { page } = await open(server.origin);
    const row = page.getByRole('row', { name: 'invoices' });
    await row.getByRole('button', { name: 'Why' }).click();
    await expect
      .poll(() => row.locator('.why').innerText())
      .toMatch(/^Can't be read since \d\d:\d\d: access denied.+24 polls failed/s);
    expect(new URL(page.url()).search).toBe('');
    await row.locator('td.lag').click();
    await page.getByRole('heading', { name: 'invoices' }).waitFor();
    await page.keyboard.press('Escape');
    const atlas = page.getByRole('row', { name: 'orders' }).getByRole('link', { name: 'Open in Atlas' });
    await expect
      .poll(() => atlas.getAttribute('href'))
      .toMatch(/^https:\/\/cloud\.mongodb\.com\/v2\/[0-9a-f]{24}$/);
    expect(
      await page.locator('tbody .label').evaluateAll((all) => all.filter((one) => one.tabIndex !== -1)),
    ).toEqual([]);
    await page.locator('tbody .name', { hasText: 'orders' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator(':focus').innerText()).toBe('team:payments');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).search).toBe('?label=team%3Apayments');
    await page.keyboard.press('?');
    await page.locator('#help').waitFor();
  });

  test('many rows are folded by the label that most have, and what is unfolded stays so', async () => {
    const { server } = await serveWeekend(manyMigrations(80));
    const { page } = await open(server.origin);
    const folds = page.locator('.fold');
    await expect.poll(() => folds.allInnerTexts()).toHaveLength(6);
    expect(await page.locator('tbody .name').count()).toBe(0);
    const identity = page.getByRole('row', { name: 'identity' });
    await expect.poll(() => identity.innerText()).toMatch(/7 Ready\s+sessions-0003\s+\d h \d\d min left/);
    await identity.getByRole('button').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('tbody .name').count()).toBe(7);
    await page.reload();
    await expect.poll(() => page.locator('tbody .name').count()).toBe(7);
    await page.getByLabel('Group by').selectOption('No groups');
    await expect.poll(() => page.locator('tbody .name').count()).toBe(80);
    expect(new URL(page.url()).search).toBe('?group=');
  });

  test('the list can be used by keyboard alone', async () => {
    const { server } = await serveWeekend();
    const { page } = await open(server.origin);
    await page.getByRole('link', { name: 'orders' }).waitFor();
    await page.keyboard.press('Tab');
    await expect.poll(() => page.locator(':focus').innerText()).toBe('Skip to the migrations');
    await page.keyboard.press('/');
    await page.keyboard.type('team:crm');
    await expect.poll(() => page.locator('#shown').innerText()).toBe('3 of 11');
    await page.getByRole('link', { name: 'loyalty' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator(':focus').innerText()).toBe('customers');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.locator(':focus').innerText()).toBe('newsletter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'customers' }).waitFor();
    await expect.poll(() => page.locator(':focus').innerText()).toBe('customers');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator(':focus').innerText()).toBe('customers');
    expect(new URL(page.url()).search).toBe('?search=team%3Acrm');
  });

  test('markup in names, labels, hosts and statuses is shown as text', async () => {
    const markup = '<img src=x onerror="window.isHurt=true"><script>window.isHurt=true</script>';
    const { server, storeDay } = await serveWeekend([
      ...weekend,
      {
        name: markup,
        labels: { '<b>': markup },
        status: markup,
        hosts: [markup],
        lag: [9, 3],
        ready: { ageMs: 0 },
      },
    ]);
    await storeDay(markup);
    const visit = await open(server.origin);
    const { page } = visit;
    await page.getByRole('link', { name: markup }).click();
    await page.getByRole('heading', { name: markup }).waitFor();
    await page.locator('.timeline li').first().waitFor();
    await expect.poll(() => page.locator('.facts').innerText()).toContain(markup);
    expect(await page.evaluate('window.isHurt')).toBeUndefined();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expectCleanVisit(visit, server.origin);
  });

  test('a thousand rows are shown, and a change reuses them', async () => {
    const thousand = manyMigrations(1_000);
    const { server, change } = await serveWeekend(thousand);
    const visit = await open(`${server.origin}/?group=`);
    const { page } = visit;
    const rows = page.locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(1_000);
    await visit.picture('thousand');
    await page.evaluate('window.former = new Set(document.querySelectorAll("tbody tr"))');
    const first = rows.nth(thousand.filter(({ neverRead }) => neverRead).length).locator('.name');
    expect(await first.textContent()).not.toBe('catalogue-0007');
    change('catalogue-0007', { lag: [9, 2], ready: { ageMs: 119.99 * hour } });
    await expect.poll(() => first.textContent()).toBe('catalogue-0007');
    expect(
      await page.evaluate('[...document.querySelectorAll("tbody tr")].every((row) => former.has(row))'),
    ).toBe(true);
    await page.getByPlaceholder('Search').fill('orders 0001');
    await expect.poll(() => rows.count()).toBe(1);
    expectCleanVisit(visit, server.origin);
  });
});
