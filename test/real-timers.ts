import { setTimeout as nativeSetTimeout } from 'node:timers';
import { afterAll, expect } from 'vitest';

/** Files share a worker, so a file that leaves fake timers behind would stop the clock of those after it. */
afterAll(() => {
  expect(globalThis.setTimeout === nativeSetTimeout, 'real timers at the end of the file').toBe(true);
});
