import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { inBrowser } from '../page/browser.ts';
import { weekend } from '../page/fleet.ts';
import { answerTimeline } from '../page/timeline.ts';
import { serveWeekend } from '../page/weekend.ts';
import { terminalSvg } from './terminal-svg.ts';

/**
 * Takes the pictures of the README: the status page of a weekend in chromium, light and dark, and the terminal with the
 * demo of the built program as `script` records it.
 */
const main = new URL('../../dist/main.js', import.meta.url).pathname;
const here = (name: string): string => new URL(name, import.meta.url).pathname;
/** Lines of the picture, which end with the first failure. */
const terminalLines = 24;
const shown = new Set(['orders', 'billing', 'invoices', 'audit-log', 'customers', 'inventory']);

const open = inBrowser();

test.each(['light', 'dark'] as const)('the status page, %s', async (colorScheme) => {
  const { server, snapshots } = await serveWeekend(weekend.filter(({ name }) => shown.has(name)));
  const { page } = await open('about:blank', { colorScheme, viewport: { width: 1240, height: 480 } });
  await answerTimeline(page, snapshots);
  await page.goto(server.origin);
  await page.locator('thead .watching').first().waitFor();
  const bottom = (await page.evaluate(
    "document.getElementById('overview').getBoundingClientRect().bottom",
  )) as number;
  await page.setViewportSize({ width: 1240, height: Math.ceil(bottom) });
  await page.screenshot({ path: here(`page-${colorScheme}.png`) });
});

test('the terminal', async () => {
  const command = `stty cols 112 rows 40; exec ${process.execPath} ${main} demo`;
  const recording = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  recording.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    // Ctrl-C: the picture is complete.
    if (text.includes('failed.') && recording.stdin.writable) recording.stdin.end('\u0003');
  });
  await once(recording, 'close');
  const lines = text.split('\n');
  const end = lines.findIndex((line) => line.includes('failed.')) + 1;
  writeFileSync(here('terminal.svg'), terminalSvg(lines.slice(end - terminalLines, end).join('\n')));
});
