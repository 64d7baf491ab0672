import { expect, type TestAPI } from 'vitest';
import type { ScenarioRow } from './row.ts';

/** More than the cores, as each waits most of its time; all at once, they would wait for each other. */
const atOnce = 4;

/**
 * Declares a test that plays rows side by side, and that reports every one
 * that breaks; and a skipped test, by name, for each that lacks what it needs on this machine.
 */
export function playTogether(test: TestAPI, name: string, rows: readonly ScenarioRow[]): void {
  const playable = rows.filter(({ needs }) => needs?.here !== false);
  test(name, { timeout: 300_000 }, async () => {
    const ends = await settleSome(playable, (row) => row.play(row));
    const broken = ends.flatMap((end, index) =>
      end.status === 'rejected' ? [`${playable[index]?.fault}: ${String(end.reason)}`] : [],
    );
    expect(broken).toEqual([]);
  });
  for (const { fault, needs } of rows.filter((row) => !playable.includes(row)))
    test.skipIf(true)(`${fault} (needs ${needs?.name})`, () => {});
}

/** Like `Promise.allSettled`, with no more than `atOnce` of them under way. */
async function settleSome<T>(
  items: readonly T[],
  play: (item: T) => Promise<void>,
): Promise<PromiseSettledResult<void>[]> {
  const ends: PromiseSettledResult<void>[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of rest) [ends[index]] = await Promise.allSettled([play(item)]);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return ends;
}
