import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { collectSamples } from '../../src/watch/migration/lag-samples.ts';
import { minute, start, targetOf } from '../watch/sample-migrations.ts';
import { copied, fetchRaw, firstPoll, serve, watchedOrders } from './served.ts';

const gzip = { 'accept-encoding': 'gzip' };

/** Migrations that are copied, each polled every 30 s for twelve hours at its own pace and offset. */
function fleetOf(count: number): readonly MigrationSnapshot[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = (index * 7_919) % 30_000;
    const lags = Array.from({ length: 100 }, (__, n) => ({
      observedAt: start + n * 30_000 + offset + ((index * n * 31) % 400),
      lagTimeSeconds: 90_000 - ((index * 37) % 60_000) - n * (1 + (index % 60)) - ((index * n * 17) % 23),
    }));
    const { observedAt = 0, lagTimeSeconds = 0 } = lags.at(-1) ?? {};
    const target = { ...targetOf(index), name: `customers-${index}`, labels: { team: `t${index % 9}` } };
    // Ids are random, and do not become shorter.
    const liveMigrationId = Buffer.from(`${Math.sin(index + 1)}`)
      .toString('hex')
      .slice(-24)
      .padStart(24, '0');
    return watchedOrders({
      target: { ...target, liveMigrationId },
      samples: collectSamples(lags),
      latest: 'read',
      state: { ...copied, observation: { observedAt, lagTimeSeconds } },
    });
  });
}

test('a list of 1,000 migrations with samples takes less than 150 kB to transfer', async () => {
  const all = fleetOf(1_000);
  const { server } = await serve({ snapshots: () => all, now: () => start + 50 * minute });
  const { headers, body } = await fetchRaw(`${server.origin}/api/migrations?samples=60`, gzip);
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(body.length) });
  expect(body.length).toBeLessThan(150_000);
  const { migrations } = JSON.parse(gunzipSync(body).toString()) as {
    migrations: { samples: { secondsBefore: number[] } }[];
  };
  expect(migrations).toHaveLength(1_000);
  expect(migrations[999]?.samples.secondsBefore).toHaveLength(30);
});

test('JSON, metrics and pages of a kilobyte or more are compressed for those that accept it', async () => {
  const { server } = await serve({ snapshots: () => fleetOf(10) });
  for (const path of ['/api/migrations', '/metrics', '/api/timeline']) {
    const plain = await fetchRaw(server.origin + path);
    const zipped = await fetchRaw(server.origin + path, gzip);
    expect(plain.headers).toMatchObject({ vary: 'accept-encoding' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    const isZipped = zipped.headers['content-encoding'] === 'gzip';
    expect({ path, isZipped }).toEqual({ path, isZipped: plain.body.length >= 1_024 });
    if (isZipped) expect(zipped.body.length).toBeLessThan(plain.body.length / 2);
  }
  const small = await fetchRaw(`${server.origin}/livez`, gzip);
  expect(small.headers).toMatchObject({ vary: 'accept-encoding' });
  expect(small.headers).not.toHaveProperty('content-encoding');
});

test('the list is answered with 304 while nothing but the clock has changed', async () => {
  let now = start + minute;
  let [one] = fleetOf(1);
  const { state } = firstPoll();
  const ready = watchedOrders({ state, latest: 'read' });
  let stateWritable = true;
  const { server } = await serve({
    now: () => now,
    snapshots: () => (one === undefined ? [ready] : [ready, one]),
    status: () => ({ stateWritable }),
  });
  const read = (known = '', query = '') =>
    fetchRaw(`${server.origin}/api/migrations${query}`, {
      ...gzip,
      ...(known && { 'if-none-match': known }),
    });
  let known = String((await read()).headers.etag);
  now += minute;
  const again = await read(known);
  expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0), headers: { etag: known } });
  expect(again.headers).not.toHaveProperty('content-encoding');
  expect((await read('', '?samples=10')).headers.etag).not.toBe(known);
  const changes = [
    () =>
      (one = one && { ...one, state: { ...copied, observation: { observedAt: now, lagTimeSeconds: 7 } } }),
    () => (one = one && { ...one, target: { ...one.target, labels: { time: 'late' } } }),
    () => (stateWritable = false),
    () => (one = undefined),
  ];
  for (const change of changes) {
    change();
    const { status, headers } = await read(known);
    expect(status).toBe(200);
    known = String(headers.etag);
  }
});

test('health answers while lists are compressed', async () => {
  const all = fleetOf(300);
  const { server, ask } = await serve({ snapshots: () => all });
  let answered = 0;
  const others = Array.from({ length: 30 }, async () => {
    await fetchRaw(`${server.origin}/api/migrations?samples=60`, gzip);
    answered += 1;
  });
  expect((await ask('/livez')).status).toBe(200);
  expect(answered).toBeLessThan(15);
  await Promise.all(others);
});
