import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { terminalSvg } from './terminal-svg.ts';

/**
 * Takes the pictures of the README from the demo of the built program: the status page in chromium, light and dark,
 * and the terminal as `script` records it.
 */
const main = new URL('../../dist/main.js', import.meta.url).pathname;
const here = (name: string): string => new URL(name, import.meta.url).pathname;
/** Slow enough that sparklines have many points; the pictured second of the demo shows most statuses. */
const speed = 0.25;
const picturedSecond = 17.5;
/** Lines of the picture, which end with the first failure. */
const terminalLines = 24;

await Promise.all([takePage(), takeTerminal()]);

async function takePage(): Promise<void> {
  const startedAt = performance.now();
  const demo = spawn(process.execPath, [main, 'demo', '--speed', String(speed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-lcd-text'],
  });
  try {
    const address = await httpAddressIn(demo.stdout);
    const pages = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const page = await browser.newPage({
          colorScheme,
          viewport: { width: 1240, height: 480 },
          locale: 'en-GB',
        });
        await page.goto(address);
        return { colorScheme, page };
      }),
    );
    await delay((picturedSecond * 1000) / speed - (performance.now() - startedAt));
    for (const { colorScheme, page } of pages) {
      const height = (await page.locator('#overview').boundingBox())?.height ?? 440;
      await page.setViewportSize({ width: 1240, height: Math.ceil(height) + 40 });
      await page.locator('.latest').evaluate((node) => node.remove());
      await page.screenshot({ path: here(`page-${colorScheme}.png`) });
    }
  } finally {
    await browser.close();
    demo.kill('SIGTERM');
  }
}

async function httpAddressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const { httpAddress } = JSON.parse(line) as { readonly httpAddress?: string };
    if (httpAddress !== undefined) {
      output.resume();
      return httpAddress;
    }
  }
  throw new Error('The demo does not say where its server is.');
}

async function takeTerminal(): Promise<void> {
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
}
