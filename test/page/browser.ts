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

export type Look = Pick<
  BrowserContextOptions,
  'colorScheme' | 'viewport' | 'reducedMotion' | 'deviceScaleFactor' | 'hasTouch' | 'isMobile'
>;

export const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 800 };

/** Starts one browser for the tests of a file, and returns what opens an address in it as a reader who was never there. */
export function inBrowser(): (address: string, look?: Look) => Promise<Visit> {
  let context: BrowserContext | undefined;
  let profile = '';
  beforeAll(async () => {
    profile = mkdtempSync(join(tmpdir(), 'cutover-watch-chromium-'));
    context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
      headless: true,
      args: flags,
    });
  }, 30_000);
  afterAll(async () => {
    await context?.close();
    rmSync(profile, { recursive: true, force: true });
  });
  return async (address, look = {}) => {
    const visitor = await context
      ?.browser()
      ?.newContext({ viewport: desktop, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...look });
    if (visitor === undefined) throw new Error('There is no browser.');
    onTestFinished(() => visitor.close());
    const page = await visitor.newPage();
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
