import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

/** The path in Debian's package chromium. */
const chromiumPath = '/usr/bin/chromium';
export const isChromiumMissing = !existsSync(chromiumPath);

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Most of what a page costs is the start of its process: all pages of a context share one.
  '--renderer-process-limit=1',
  '--disable-site-isolation-trials',
  '--disable-features=IsolateOrigins,site-per-process',
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
  /** Takes a screenshot, where `PICTURES` is set. */
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

/** Opens a context with a page that stays, and with it the process that all pages of the context share. */
async function contextOf(options: ReaderOptions): Promise<BrowserContext> {
  const context = await (await sharedBrowser()).newContext({ ...reader, ...options });
  await context.newPage();
  return context;
}

/** The browser of this worker, which ends with it: the files that a worker runs one after the other share one. */
let browser: Promise<Browser> | undefined;

function sharedBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: chromiumPath, headless: true, args: flags });
  return browser;
}

/**
 * Returns a function that opens an address in the browser. Each test has its own server, and so its own origin: the
 * tests of a file with the same options share a browser context.
 */
export function inBrowser(): (address: string, options?: ReaderOptions) => Promise<Visit> {
  const readers = new Map<string, Promise<BrowserContext>>();
  beforeAll(async () => void (await sharedBrowser()), 60_000);
  afterAll(async () => {
    for (const made of readers.values()) await (await made).close();
  });

  function readerOf(options: ReaderOptions): Promise<BrowserContext> {
    const known = readers.get(keyOf(options));
    if (known !== undefined) return known;
    const made = contextOf(options);
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
        if (process.env.PICTURES === undefined) return;
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

/** Gives the window another size, and returns when the page has been laid out for it: what it measures, it draws again. */
export async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** The options of a reader whose locale `localesOf` changes. */
export const anyLocale: ReaderOptions = { locale: '' };

/** Gives a page of `anyLocale` the locales of readers, one after the other: each holds from the next load on. */
export async function localesOf(page: Page): Promise<(locale: string) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  return async (locale) => {
    await session.send('Emulation.setLocaleOverride', { locale });
  };
}
