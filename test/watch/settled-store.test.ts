import { expect, test, vi } from 'vitest';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { namesOf, orders } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

test('a store is looked after every second, also when every migration is settled', async () => {
  const atlas = new ScriptedAtlas().answerAll({ status: 'COMPLETE' });
  const harness = await WatcherHarness.start({ client: atlas, targets: [orders] });
  await advance(5_000);
  expect(namesOf(harness.events)).toContain('migration.completed');
  // A file that was deleted is found, and written again by a commit of nothing.
  vi.spyOn(harness.store, 'isUntouched').mockReturnValue(false);
  const commit = vi.spyOn(harness.store, 'commit');
  await advance(3_000);
  expect(commit.mock.calls.length).toBeGreaterThanOrEqual(3);
});
