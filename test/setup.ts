import { setTimeout as nativeSetTimeout } from 'node:timers';
import { configureGlobal } from 'fast-check';
import { afterAll, expect } from 'vitest';

// The same cases in every run; FC_SEED chooses others.
configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });

/** Files share a worker, so a file that leaves fake timers behind would stop the clock of those after it. */
afterAll(() => {
  expect(globalThis.setTimeout === nativeSetTimeout, 'real timers at the end of the file').toBe(true);
});
