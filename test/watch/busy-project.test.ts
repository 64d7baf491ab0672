import { expect, test } from 'vitest';
import { advance, intervalMs, useVirtualTime, WatcherHarness } from './harness.ts';
import { minute, orders, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const working = { status: 'WORKING', readyForCutover: false };
const busy = Array.from({ length: 40 }, (_, index) => targetOf(index, 'a'.repeat(24)));

test('a project whose polls hang delays no poll of another project', async () => {
  const atlas = new ScriptedAtlas().answer([orders], working);
  await WatcherHarness.start({ client: atlas, targets: [...busy, orders] });
  await advance(5 * intervalMs);
  expect(atlas.callsOf(orders)).toHaveLength(6);
  expect(atlas.calls.length).toBeLessThan(20);
});

test('a project with too few requests for all polls first what is near readiness, and the others too', async () => {
  const near = busy.slice(30, 38);
  const atlas = new ScriptedAtlas()
    .answerAll({ ...working, lagTimeSeconds: 9_000 })
    .answer(near, { ...working, lagTimeSeconds: 20 });
  await WatcherHarness.start({ client: atlas, targets: busy, requestsPerMinute: 90 });
  await advance(5 * minute);
  atlas.calls.length = 0;
  await advance(10 * minute);
  const counts = (targets: typeof busy): number[] => targets.map((target) => atlas.callsOf(target).length);
  const rest = counts(busy.filter((target) => !near.includes(target)));
  expect(Math.min(...counts(near))).toBeGreaterThan(2 * Math.max(...rest));
  expect(Math.min(...rest)).toBeGreaterThan(4);
  expect(atlas.calls.length).toBeGreaterThan(880);
});
