import { describe, expect, test } from 'vitest';
import { toHtml } from '../../src/report/html.ts';
import { reportOf } from '../../src/report/report-model.ts';
import { inBrowser, isChromiumMissing } from '../page/browser.ts';
import { hour, start } from '../watch/sample-migrations.ts';
import { fiveDays, played } from './played.ts';

const sizes = ['A4', 'Letter'] as const;

describe.skipIf(isChromiumMissing)('the printed report (skipped where chromium is not installed)', () => {
  const open = inBrowser();

  test('of an ordinary five-day migration has two pages, and loads nothing', async () => {
    const visit = await open('about:blank');
    const { page } = visit;
    for (const [name, hours] of [
      ['complete', 121],
      ['ready', 110],
    ] as const) {
      const now = start + hours * hour;
      await page.setContent(
        (await Array.fromAsync(toHtml([reportOf(played(fiveDays, hours * hour), now)], now))).join(''),
      );
      await visit.picture(`report-${name}`);
      for (const format of sizes) {
        const pdf = await page.pdf({
          format,
          margin: { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' },
        });
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length;
        expect({ name, format, pages }).toEqual({ name, format, pages: 2 });
      }
    }
    expect([...visit.complaints, ...visit.requests]).toEqual([]);
  });
});
