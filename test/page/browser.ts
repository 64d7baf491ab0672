import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

/** The path in Debian's package chromium. */
export const chromiumPath = '/usr/bin/chromium';
export const isChromiumMissing = !existsSync(chromiumPath);

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Tests use one page at a time.
  '--renderer-process-limit=1',
];
/** Screenshots of the tests, for people; git ignores them. */
const pictures = new URL('screenshots/', import.meta.url).pathname;

/** A page, with what the browser logged and requested for it. */
export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the console and of scripts. */
  readonly complaints: readonly string[];
  /** Every address that was requested. */
  readonly requests: readonly string[];
  /** Takes a screenshot. */
  picture(name: string): Promise<void>;
}

export type ReaderOptions = Pick<
  BrowserContextOptions,
  | 'colorScheme'
  | 'viewport'
  | 'reducedMotion'
  | 'deviceScaleFactor'
  | 'hasTouch'
  | 'isMobile'
  | 'locale'
  | 'timezoneId'
  | 'forcedColors'
>;

export const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 800 };

/** Locale, zone and window of every reader. */
const reader = { viewport: desktop, locale: 'en-GB', timezoneId: 'Europe/Berlin' };

const keyOf = (options: ReaderOptions): string => JSON.stringify(options);

/**
 * Starts one browser for the tests of a file, and returns a function that opens an address in it. Each test has its own
 * server, and so its own origin: tests with the same options can share a browser context.
 */
export function inBrowser(): (address: string, options?: ReaderOptions) => Promise<Visit> {
  const readers = new Map<string, BrowserContext>();
  let profile = '';
  beforeAll(async () => {
    profile = mkdtempSync(join(tmpdir(), 'cutover-watch-chromium-'));
    const usual = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
      headless: true,
      args: flags,
      ...reader,
    });
    readers.set(keyOf({}), usual);
  }, 60_000);
  afterAll(async () => {
    await readers.get(keyOf({}))?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  async function readerOf(options: ReaderOptions): Promise<BrowserContext> {
    const known = readers.get(keyOf(options));
    if (known !== undefined) return known;
    const made = await readers
      .get(keyOf({}))
      ?.browser()
      ?.newContext({ ...reader, ...options });
    if (made === undefined) throw new Error('There is no browser.');
    readers.set(keyOf(options), made);
    return made;
  }

  return async (address, options = {}) => {
    const visitor = await readerOf(options);
    const page = await visitor.newPage();
    onTestFinished(() => page.close());
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(address);
    return {
      page,
      complaints,
      requests,
      async picture(name) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${name}.png`) });
      },
    };
  };
}

/** Expects that a page logged no complaint and requested nothing from other origins. */
export function expectCleanVisit({ complaints, requests }: Visit, origin: string): void {
  expect(complaints).toEqual([]);
  expect(requests.filter((address) => !address.startsWith(`${origin}/`))).toEqual([]);
}
