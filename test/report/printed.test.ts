import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { toHtml } from '../../src/report/html.ts';
import { reportOf } from '../../src/report/report-model.ts';
import { chromiumPath, isChromiumMissing } from '../page/browser.ts';
import { hour, start } from '../watch/sample-migrations.ts';
import { fiveDays, played } from './played.ts';

/** Pictures for people, beside those of the page; git ignores them. */
const pictures = new URL('../page/screenshots/', import.meta.url).pathname;

const sizes = ['A4', 'Letter'] as const;

test.skipIf(isChromiumMissing)(
  'the report of an ordinary five-day migration prints on two pages, and loads nothing (skipped where chromium is not installed)',
  async () => {
    mkdirSync(pictures, { recursive: true });
    const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('request', (request) => complaints.push(request.url()));
    for (const [name, hours] of [
      ['complete', 121],
      ['ready', 110],
    ] as const) {
      const now = start + hours * hour;
      await page.setContent([...toHtml([reportOf(played(fiveDays, hours * hour), now)], now)].join(''));
      await page.screenshot({ path: `${pictures}report-${name}.png`, fullPage: true });
      for (const format of sizes) {
        const pdf = await page.pdf({
          format,
          margin: { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' },
        });
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length;
        expect({ name, format, pages }).toEqual({ name, format, pages: 2 });
      }
    }
    await browser.close();
    expect(complaints).toEqual([]);
  },
);
