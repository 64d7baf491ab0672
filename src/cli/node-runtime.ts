import { setFlagsFromString } from 'node:v8';

const oldestMajor = 24;

/** Returns a sentence for people when this Node.js is too old for the program, else undefined. */
export function nodeVersionProblem(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= oldestMajor) return undefined;
  return `cutover-watch needs Node.js ${oldestMajor} or newer, but this is Node.js ${version}: start it with a newer one, or through npm start, which brings its own.`;
}

/**
 * Limits memory: most objects of a poll are short-lived. The young generation collects garbage after a few megabytes
 * instead of 48. The old generation may grow by a fifth between collections instead of a multiple. With 10,000
 * migrations this saves 100 MB and costs 1 % of a core. Of the compilers only the first and the last one are used: what
 * the one in between has worked with stays with the process, 5 to 10 MB, and it saves 3 % of a poll. undici's parser, which
 * is WebAssembly, stays as it was compiled first: to optimize it takes 60 ms and 10 MB once, and saves a tenth of a request.
 * Call it before anything is loaded.
 */
export function limitMemory(): void {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--no-maglev');
  setFlagsFromString('--wasm-tiering-budget=1000000000');
}
