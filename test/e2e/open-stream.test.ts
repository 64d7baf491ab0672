import { expect, test } from 'vitest';
import { live, readStream, type StreamReader } from '../server/stream-reader.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { type ServedProgram, startServed } from './served-program.ts';

type View = Readonly<Record<string, unknown>>;

async function listOf({ ask }: ServedProgram): Promise<readonly View[]> {
  return (await ask('/api/migrations')).json().migrations as View[];
}

/** What a page shows that took this list when the stream had opened, and then everything that the stream sent. */
function shownBy(list: readonly View[], { messages }: StreamReader): readonly View[] {
  const views = new Map(list.map((view) => [view.liveMigrationId, view]));
  for (const { type, data } of messages) if (type === 'migration') views.set(data.liveMigrationId, data);
  return [...views.values()];
}

test('with refused credentials, a stream that is open since the start says the same of all migrations as the list', async () => {
  const atlas = await startAtlas({ credentials: { publicKey: 'other', privateKey: 'key' } });
  // One poll at a time: the one that is refused again opens the outage of all, and holds the others back.
  const { atlas: how, ...config } = configFor(atlas.simulator.baseUrl, 6);
  const served = await startServed({ ...config, atlas: { ...how, concurrency: 1 } });
  const reader = await readStream(served.origin);
  await live(reader);
  const atStart = await listOf(served);
  await served.program.until(({ event, scope }) => event === 'watcher.unreachable' && scope === 'account');
  await expect
    .poll(async () => JSON.stringify(shownBy(atStart, reader)) === JSON.stringify(await listOf(served)), {
      timeout: 10_000,
      interval: 250,
    })
    .toBe(true);
  expect(shownBy(atStart, reader).map(({ reachable }) => reachable)).toEqual(Array(6).fill(false));
  expect((await served.program.end()).code).toBe(0);
});
