import { describe, expect, test } from 'vitest';
import { expectCleanVisit, inBrowser, isChromiumMissing } from '../page/browser.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { start, writeConfig } from './program.ts';
import { startServed } from './served-program.ts';

describe.skipIf(isChromiumMissing)(
  'the status page of the built program (skipped where chromium is not installed)',
  () => {
    const open = inBrowser();

    test('it follows migrations as Atlas reports them, takes nothing of that for markup, and drops what a reload removes', async () => {
      const markup = '<img src=x onerror="window.isHurt=true"><script>window.isHurt=true</script>';
      const atlas = await startAtlas();
      atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 640 });
      atlas.say(1, { status: markup, migrationHosts: [markup] });
      const { program, origin, folder } = await startServed(configFor(atlas.simulator.baseUrl, 2));
      await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm1');
      const visit = await open(origin);
      const { page } = visit;
      const row = page.getByRole('row', { name: 'm0' });
      await row.waitFor();
      await expect.poll(() => row.innerText()).toMatch(/Copying\s+m0\s+.*10 min 40 s/s);
      await expect.poll(() => page.getByRole('row', { name: 'm1' }).innerText()).toMatch(/Waiting\s+m1/);

      atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 });
      await expect
        .poll(() => row.innerText())
        .toMatch(/Ready\s+m0\s+(4 d 23|5 d 0) h left\s+until about .+\s+3 s/);
      await expect.poll(() => page.locator('#latest').innerText()).toContain('m0 is ready for cutover.');
      await expect.poll(() => page.title()).toMatch(/^Cut over m0 within \d+ d .+ – cutover-watch$/);

      await page.getByRole('link', { name: 'm1' }).click();
      await expect.poll(() => page.locator('.facts').innerText()).toContain(markup);
      await page.locator('.timeline li').first().waitFor();
      expect(await page.locator('main img, main script').count()).toBe(0);
      expect(await page.evaluate('window.isHurt')).toBeUndefined();

      await page.goBack();
      await expect.poll(() => page.locator('tbody .name').allTextContents()).toEqual(['m0', 'm1']);
      writeConfig(folder, { ...configFor(atlas.simulator.baseUrl), http: { listen: '127.0.0.1:0' } });
      program.child.kill('SIGHUP');
      await expect.poll(() => page.locator('tbody .name').allTextContents()).toEqual(['m0']);
      expectCleanVisit(visit, origin);
    });

    test('a watcher that ends is missed at once, and one that comes back is followed', async () => {
      const atlas = await startAtlas();
      atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 640 });
      const { program, origin, folder } = await startServed(configFor(atlas.simulator.baseUrl));
      const { page } = await open(origin);
      const row = page.getByRole('row', { name: 'm0' });
      await row.waitFor();
      expect((await program.end()).code).toBe(0);
      const lost = page.locator('.notice[data-kind="lost"]');
      await lost.waitFor();
      await expect.poll(() => lost.innerText()).toMatch(/What is shown is \d+ s old\./);
      await expect.poll(() => page.locator('.page').getAttribute('class')).toBe('page stale');
      await expect.poll(() => row.innerText()).toContain('10 min 40 s');

      atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 });
      const http = { listen: new URL(origin).host };
      const file = writeConfig(folder, { ...configFor(atlas.simulator.baseUrl), http });
      start(['run', '-c', file]);
      await lost.waitFor({ state: 'hidden' });
      await expect.poll(() => row.innerText()).toMatch(/Ready\s+m0/);
      await expect.poll(() => page.locator('.page').getAttribute('class')).toBe('page');
    });
  },
);
