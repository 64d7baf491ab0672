import { afterEach, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/watch/ledger.ts';
import { type Outcome, targetOf } from './sample-migrations.ts';
import { scriptedAtlas, watcherOf } from './scripted-atlas.ts';

const count = 300;
const targets = Array.from({ length: count }, (_, number) => targetOf(number));

afterEach(() => {
  vi.restoreAllMocks();
});

it.each<readonly [string, Outcome]>([
  ['fails', 'server_error'],
  ['is refused', 'unauthorized'],
  ['ends a migration', { status: 'COMPLETE', readyForCutover: false }],
])('a poll that %s looks at few other migrations, however many there are', async (_, outcome) => {
  const { client } = scriptedAtlas(() => outcome);
  const { watcher } = watcherOf({ targets, client, requestsPerMinute: 1e9 });
  const looks = vi.spyOn(Ledger.prototype, 'state');
  await watcher.round(0);
  expect(looks.mock.calls.length).toBeLessThan(10 * count);
});
