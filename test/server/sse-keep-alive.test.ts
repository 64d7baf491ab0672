import { expect, onTestFinished, test, vi } from 'vitest';
import { start, targetOf } from '../watch/sample-migrations.ts';
import { ask, copied, serve, viewPolicy, watchedOrders } from './served.ts';
import { live, readStream } from './stream-reader.ts';

/** Takes the clock of the keep-alive, and returns what lets so many ms pass on it. */
function heldInterval(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
}

test('a client gets the state of the watcher at first and every five seconds, so that it notices a dead stream', async () => {
  const pass = heldInterval();
  const { server } = await serve();
  const reader = await readStream(server.origin);
  await live(reader);
  pass(10_000);
  await reader.until(() => reader.messages.filter(({ type }) => type === 'watcher').length === 3);
  const latest = reader.messages.at(-1);
  expect(latest?.data).toEqual((await ask(server.origin, '/api/migrations')).json().watcher);
});

test('a poll loop that dies, a rejected configuration and a failing state file are told within five seconds', async () => {
  const pass = heldInterval();
  let well = true;
  const { server } = await serve({
    liveness: () => (well ? { alive: true } : { alive: false, reason: 'It is stuck.', stuckForSeconds: 95 }),
    status: () => ({ configCurrent: well, stateWritable: well }),
  });
  const reader = await readStream(server.origin);
  expect((await live(reader)).data.problems).toEqual([]);
  well = false;
  pass(5_000);
  const { data } = await reader.until(({ data: each }) => each.notWatchingSince !== undefined);
  expect(data.problems).toHaveLength(3);
  expect(data).toEqual((await ask(server.origin, '/api/migrations')).json().watcher);
});

test('a migration that becomes unreachable by the clock alone is sent within five seconds', async () => {
  const pass = heldInterval();
  let now = start;
  const outage = { since: start, failures: 2, errorType: 'network', reported: false } as const;
  const { server } = await serve({
    now: () => now,
    snapshots: () => [
      watchedOrders({ state: { ...copied, outage } }),
      watchedOrders({ target: targetOf(1), state: copied }),
    ],
  });
  const reader = await readStream(server.origin);
  await live(reader);
  now += viewPolicy.unreachableAfterMs - 1_000;
  pass(5_000);
  now += 1_000;
  pass(5_000);
  await reader.until(({ data }) => data.reachable === false);
  now += 5_000;
  pass(5_000);
  await reader.until(() => reader.messages.filter(({ type }) => type === 'watcher').length === 4);
  const sent = reader.messages.filter(({ type }) => type === 'migration').map(({ data }) => data.migration);
  expect(sent).toEqual(['orders']);
});
