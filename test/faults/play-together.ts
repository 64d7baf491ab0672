import { expect, type TestAPI } from 'vitest';
import type { ScenarioRow } from './row.ts';

/**
 * Declares a test that plays rows side by side, as each of them waits most of its time, and that reports every one
 * that breaks; and a skipped test, by name, for each that lacks what it needs on this machine.
 */
export function playTogether(test: TestAPI, name: string, rows: readonly ScenarioRow[]): void {
  const playable = rows.filter(({ needs }) => needs?.here !== false);
  test(name, { timeout: 60_000 }, async () => {
    const ends = await Promise.allSettled(playable.map((row) => row.play(row)));
    const broken = ends.flatMap((end, index) =>
      end.status === 'rejected' ? [`${playable[index]?.fault}: ${String(end.reason)}`] : [],
    );
    expect(broken).toEqual([]);
  });
  for (const { fault, needs } of rows.filter((row) => !playable.includes(row)))
    test.skipIf(true)(`${fault} (needs ${needs?.name})`, () => {});
}
