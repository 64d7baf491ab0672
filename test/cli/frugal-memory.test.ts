import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Keeps a lot of new things for a while, and returns how much memory for them was taken, in MB. */
function newSpaceAfterMuch(before: string): number {
  const script = `${before}
    let kept = [];
    for (let count = 0; count < 3e6; count += 1) { kept.push({ count }); if (kept.length > 2e5) kept = []; }
    const { getHeapSpaceStatistics } = await import('node:v8');
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

test('the memory for new objects stays small, where it would grow otherwise', () => {
  const file = new URL('../../src/cli/frugal-memory.ts', import.meta.url).href;
  const frugal = newSpaceAfterMuch(`(await import('${file}')).useLittleMemory();`);
  expect(frugal).toBeLessThan(newSpaceAfterMuch('') / 2);
});
