import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const library = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

export const libfaketime = { name: 'libfaketime', here: library !== undefined };

/** How many times faster than ours a fast clock goes. */
const speed = 40;

/** The variables under which all clocks of the program go fast, so that its minute takes us a second and a half. */
export function fastClock(): Record<string, string> {
  return { LD_PRELOAD: library ?? '', FAKETIME: `+0 x${speed}`, FAKETIME_NO_CACHE: '1' };
}

/** Slows a configuration down for a program whose clock goes fast: its minute is a second and a half of ours. */
export function unthrottled(config: Readonly<Record<string, object>>): Record<string, object> {
  const everyTenSeconds = '*/10 * * * * *';
  return {
    ...config,
    atlas: { ...config.atlas, requestTimeout: '5m', pollTimeout: '15m' },
    schedule: { default: everyTenSeconds, approaching: everyTenSeconds },
  };
}

/** The variables under which `set` moves the wall clock of the running program; its monotonic clock goes on. */
export function movableClock(folder: string) {
  const file = join(folder, 'clock');
  const set = (offset: string): void => writeFileSync(file, `${offset}\n`);
  set('+0');
  const env = {
    LD_PRELOAD: library ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  return { env, set };
}
