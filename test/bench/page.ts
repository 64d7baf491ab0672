/**
 * What the status page of the built program costs a reader, with one migration and with a thousand: its weight, when it
 * is painted first, when every row is there, and how busy the browser is while the lag of all of them changes.
 * Usage: npm run bench:page
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { startSimulator } from '../../src/simulator/server.ts';
import { digits, formatTable, print, quantile } from './report.ts';

const main = new URL('../../dist/main.js', import.meta.url).pathname;
const key = { publicKey: 'abcdefgh', privateKey: '01234567-89ab-4cde-8f01-23456789abcd' };
const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const counts = [1, 100, 1_000];
const visits = 5;
const watchedMs = 10_000;
/** What a reader is promised, whatever the number of migrations. */
const targets = { paintMs: 500, kilobytes: 100 } as const;

interface Visit {
  readonly paintMs: number;
  readonly rowsMs: number;
  readonly kilobytes: number;
  /** Share of the time in which the page's one thread was busy while it was watched. */
  readonly busy: number;
  readonly heapMegabytes: number;
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
});
const heading = ['MIGRATIONS', 'WEIGHT kB', 'FIRST PAINT ms', 'ALL ROWS ms', 'BUSY %', 'HEAP MB'];
const rows: string[][] = [];
const worst = { paintMs: 0, kilobytes: 0 };
for (const count of counts) {
  const seen = await withProgram(count, async (address) => {
    const all: Visit[] = [];
    for (let visit = 0; visit < visits; visit += 1)
      all.push(await look(browser, address, count, visit === visits - 1 ? watchedMs : 0));
    return all;
  });
  const middleOf = (field: keyof Visit): number =>
    quantile(
      seen.map((visit) => visit[field]),
      0.5,
    );
  const median = (field: keyof Visit): string => digits(middleOf(field), 0);
  worst.paintMs = Math.max(worst.paintMs, middleOf('paintMs'));
  // That of the rows is not the page's, but of what is watched.
  if (count === 1) worst.kilobytes = middleOf('kilobytes');
  const { busy = 0, heapMegabytes = 0 } = seen.at(-1) ?? {};
  rows.push([
    String(count),
    median('kilobytes'),
    median('paintMs'),
    median('rowsMs'),
    digits(busy * 100, 1),
    digits(heapMegabytes, 1),
  ]);
}
await browser.close();
print(formatTable(heading, rows));
print(verdict('First paint', worst.paintMs, targets.paintMs, 'ms'));
print(verdict('Weight with one migration', worst.kilobytes, targets.kilobytes, 'kB'));

function verdict(what: string, value: number, target: number, unit: string): string {
  return `${what}: ${digits(value, 0)} ${unit}, under ${target} ${unit} wanted: ${value < target ? 'met' : 'missed'}.\n`;
}

/** Runs the program with so many migrations whose lag changes with every poll, one every five seconds each. */
async function withProgram<Result>(
  count: number,
  use: (address: string) => Promise<Result>,
): Promise<Result> {
  const ids = Array.from({ length: count }, (_, n) => (0x7e68e12770616 + n).toString(16).padStart(24, '0'));
  const simulator = await startSimulator({
    credentials: key,
    migrations: new Map(
      ids.map((id) => [
        `${groupId}/${id}`,
        (now: number) => ({
          status: 'WORKING',
          readyForCutover: false,
          lagTimeSeconds: ((now / 1000) % 3_600) | 0,
        }),
      ]),
    ),
  });
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
  const config = {
    atlas: { baseUrl: simulator.baseUrl, requestsPerMinute: 10_000 },
    schedule: { default: '*/5 * * * * *', approaching: '*/5 * * * * *' },
    state: { path: join(folder, 'state.db') },
    http: { listen: '127.0.0.1:0' },
    migrations: ids.map((id, n) => ({
      name: `migration-${n}`,
      groupId,
      liveMigrationId: id,
      labels: { team: `t${n % 9}` },
    })),
  };
  const file = join(folder, 'cutover-watch.yaml');
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, [main, 'run', '-c', file], {
    env: { MONGODB_ATLAS_PUBLIC_API_KEY: key.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY: key.privateKey },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return await use(await addressOf(child));
  } finally {
    child.kill('SIGTERM');
    await once(child, 'close');
    await simulator.close();
    rmSync(folder, { recursive: true });
  }
}

/** Returns the address of the server of a program, once it has begun to poll. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The program has no standard output.');
  const lines = createInterface({ input: stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { httpAddress } = JSON.parse(line) as { readonly httpAddress: string };
  await delay(8_000);
  return httpAddress;
}

async function look(reader: Browser, address: string, count: number, forMs: number): Promise<Visit> {
  const context = await reader.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  let bytes = 0;
  await devtools.send('Network.enable');
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto(`${address}?group=`);
  await page
    .locator('tbody tr')
    .nth(count - 1)
    .waitFor({ state: 'attached' });
  const rowsMs = (await page.evaluate('performance.now()')) as number;
  await delay(200);
  const paintMs = (await page.evaluate(
    'performance.getEntriesByName("first-contentful-paint")[0].startTime',
  )) as number;
  const kilobytes = bytes / 1000;
  const before = await metricsOf();
  await delay(forMs);
  const after = await metricsOf();
  await context.close();
  return {
    paintMs,
    rowsMs,
    kilobytes,
    busy: forMs === 0 ? 0 : (after.task - before.task) / (after.at - before.at),
    heapMegabytes: after.heap / 1e6,
  };

  async function metricsOf() {
    const { metrics } = await devtools.send('Performance.getMetrics');
    const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return { at: value('Timestamp'), task: value('TaskDuration'), heap: value('JSHeapUsedSize') };
  }
}
