import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

/** Where Debian's package chromium puts it. */
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
  // One test after the other looks at one page.
  '--renderer-process-limit=1',
];
/** Pictures for whoever wants to see what the tests saw; git ignores them. */
const pictures = new URL('screenshots/', import.meta.url).pathname;

/** A page and all that it must never have done. */
export interface Visit {
  readonly page: Page;
  /** Errors, warnings and refusals that the browser has told. */
  readonly complaints: readonly string[];
  /** Every address that was asked for. */
  readonly requests: readonly string[];
  /** Takes a picture of what is seen. */
  picture(name: string): Promise<void>;
}

export type CheckResult = Pick<
  BrowserContextOptions,
  'colorScheme' | 'viewport' | 'reducedMotion' | 'deviceScaleFactor' | 'hasTouch' | 'isMobile'
>;

export const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 800 };

/** A reader of one place and language, whose looks differ. */
const reader = { viewport: desktop, locale: 'en-GB', timezoneId: 'Europe/Berlin' };

const keyOf = (look: CheckResult): string => JSON.stringify(look);

/**
 * Starts one browser for the tests of a file, and returns what opens an address in it. Each test has a server, and so an
 * origin, of its own: nothing of it is left to the next one, and readers of one look can be one.
 */
export function inBrowser(): (address: string, look?: CheckResult) => Promise<Visit> {
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

  async function readerOf(look: CheckResult): Promise<BrowserContext> {
    const known = readers.get(keyOf(look));
    if (known !== undefined) return known;
    const made = await readers
      .get(keyOf({}))
      ?.browser()
      ?.newContext({ ...reader, ...look });
    if (made === undefined) throw new Error('There is no browser.');
    readers.set(keyOf(look), made);
    return made;
  }

  return async (address, look = {}) => {
    const visitor = await readerOf(look);
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

/** Expects that a page has kept to its policy, and to its server. */
export function expectGoodManners({ complaints, requests }: Visit, origin: string): void {
  expect(complaints).toEqual([]);
  expect(requests.filter((address) => !address.startsWith(`${origin}/`))).toEqual([]);
}
