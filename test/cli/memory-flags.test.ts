import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs a script that leaves the most it took in `most`, in bytes, and returns that in MB. */
function mostOf(script: string): number {
  const text = `import { getHeapSpaceStatistics } from 'node:v8'; let most = 0; ${script}; console.log(most / 2 ** 20);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8' }));
}

const spaceOf = (name: string): string =>
  `getHeapSpaceStatistics().find(({ space_name }) => space_name === '${name}').space_size`;

const file = new URL('../../src/cli/node-runtime.ts', import.meta.url).href;
const frugally = `(await import('${file}')).limitMemory();`;

test('the memory for new objects stays small, where it would grow otherwise', () => {
  const script = `
    let kept = [];
    for (let count = 0; count < 1e6; count += 1) { kept.push({ count }); if (kept.length > 2e5) kept = []; }
    most = ${spaceOf('new_space')}`;
  expect(mostOf(frugally + script)).toBeLessThan(mostOf(script) * 0.5);
});

test('the memory for what lasts a while stays small, where it would grow by a multiple', () => {
  const script = `
    const fresh = (at) => Array(32).fill(at);
    const kept = Array.from({ length: 2e5 }, (_, at) => fresh(at));
    for (let count = 0; count < 8e5; count += 1) {
      kept[(count * 7919) % kept.length] = fresh(count);
      if (count % 1e4 === 0) most = Math.max(most, ${spaceOf('old_space')});
    }`;
  const young =
    "const { setFlagsFromString } = await import('node:v8'); setFlagsFromString('--max-semi-space-size=2');";
  expect(mostOf(frugally + script)).toBeLessThan(mostOf(young + script) * 0.8);
});
