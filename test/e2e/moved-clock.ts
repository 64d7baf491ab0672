import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyInEnvironment, start } from './program.ts';

/** The library that moves the wall clock of a program; undefined where Debian's package faketime is not installed. */
export const libfaketime = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

/** Returns the environment of a program whose wall clock follows a file; its monotonic clock goes on. */
export function movedClock(file: string): Record<string, string> {
  return {
    ...keyInEnvironment(),
    LD_PRELOAD: libfaketime ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}

/** Starts the program with a wall clock that `set` moves while it runs. Other programs may follow the clock in `file`. */
export function startWithClock(args: readonly string[], folder: string, offset = '+0') {
  const file = join(folder, 'clock');
  const set = (to: string): void => writeFileSync(file, `${to}\n`);
  set(offset);
  return { program: start(args, movedClock(file)), set, file };
}
