import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DigestSession } from '../../src/atlas/digest-session.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import { BODY, type ClientOptions, connectClient, ID, KEY, type TestClient } from './connect.ts';

const { _id, ...READING } = BODY;
const MIGRATION = `${ID.groupId}/${_id}`;

interface Connected {
  readonly simulator: Simulator;
  readonly client: TestClient;
}

async function start(
  options: Partial<SimulatorOptions> = {},
  clientOptions: ClientOptions & { readonly privateKey?: string } = {},
): Promise<Connected> {
  const migrations = new Map([[MIGRATION, () => BODY]]);
  const simulator = await startSimulator({ credentials: KEY, migrations, ...options });
  onTestFinished(() => simulator.close());
  const { privateKey = KEY.privateKey, ...rest } = clientOptions;
  const authenticator = new DigestSession({ ...KEY, privateKey });
  return { simulator, client: connectClient(simulator.baseUrl, { authenticator, ...rest }) };
}

/** Polls one after the other; returns how many requests each poll took. */
async function pollTimes(client: TestClient, times: number): Promise<number[]> {
  const requests: number[] = [];
  for (let poll = 0; poll < times; poll += 1) {
    const result = await client.poll();
    expect(result).toEqual({ ok: true, attempts: 1, requests: expect.any(Number), reading: READING });
    requests.push(result.requests);
  }
  return requests;
}

describe('polls of Atlas', () => {
  test('one after the other within the life of a nonce cost one request each, and one challenge', async () => {
    const { simulator, client } = await start();
    await pollTimes(client, 100);
    expect(simulator.counts).toEqual({ total: 101, byStatus: { 200: 100, 401: 1 } });
    const counts = simulator.requests.slice(1).map(({ nonceCount }) => nonceCount);
    expect(counts).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test('many at once cost one request each, and one challenge', async () => {
    const { simulator, client } = await start();
    const polls = Array.from({ length: 50 }, () => client.poll());
    for (const result of await Promise.all(polls)) expect(result).toMatchObject({ ok: true, attempts: 1 });
    expect(simulator.counts).toEqual({ total: 51, byStatus: { 200: 50, 401: 1 } });
  });

  test('with one-time nonces cost two requests each', async () => {
    const { simulator, client } = await start({ usesPerNonce: 1 });
    await pollTimes(client, 20);
    expect(simulator.counts).toEqual({ total: 40, byStatus: { 200: 20, 401: 20 } });
  });

  test('with one-time nonces handed out in each reply cost one request each, and one challenge', async () => {
    const { simulator, client } = await start({ usesPerNonce: 1, nextNonce: true });
    await pollTimes(client, 20);
    expect(simulator.counts).toEqual({ total: 21, byStatus: { 200: 20, 401: 1 } });
  });

  test('with one-time nonces do not use up the nonces of each other, however many and slow they are', async () => {
    const { simulator, client } = await start({ usesPerNonce: 1, replyDelayMs: 15 });
    const pollTogether = async (count: number) =>
      await Promise.all(Array.from({ length: count }, () => client.poll()));
    for (const count of [30, 1, 30, 30, 30]) {
      for (const result of await pollTogether(count)) expect(result).toMatchObject({ ok: true, attempts: 1 });
    }
    expect(simulator.counts.total).toBeLessThanOrEqual(2 * 121);
  });

  test('go back to one challenge for all when nonces are not one-time after all', async () => {
    let nowMs = 1_000_000;
    const { simulator, client } = await start({ now: () => nowMs });
    await pollTimes(client, 1);
    nowMs += 60_000;
    await pollTimes(client, 200);
    expect(simulator.counts.byStatus[200]).toBe(201);
    expect(simulator.counts.byStatus[401]).toBeLessThanOrEqual(103);
  });

  test('sign once more when the nonce has expired, and count from 1 again', async () => {
    let nowMs = 1_000_000;
    const { simulator, client } = await start({ nonceLifetimeMs: 60_000, now: () => nowMs });
    await pollTimes(client, 2);
    nowMs += 60_000;
    await pollTimes(client, 2);
    expect(simulator.requests.map(({ status, nonceCount }) => [status, nonceCount])).toEqual([
      [401, undefined],
      [200, 1],
      [200, 2],
      [401, 3],
      [200, 1],
      [200, 2],
    ]);
  });

  test('many at once on an expired nonce renew it once and all succeed', async () => {
    let nowMs = 1_000_000;
    const { simulator, client } = await start({ nonceLifetimeMs: 60_000, now: () => nowMs });
    await pollTimes(client, 1);
    nowMs += 60_000;
    const polls = Array.from({ length: 10 }, () => client.poll());
    for (const result of await Promise.all(polls)) expect(result).toMatchObject({ ok: true, attempts: 1 });
    expect(simulator.counts.total).toBeLessThanOrEqual(22);
    expect(simulator.counts.byStatus[200]).toBe(11);
  });

  test('are signed with SHA-256 when Atlas asks for it', async () => {
    const { simulator, client } = await start({ algorithm: 'SHA-256' });
    await pollTimes(client, 3);
    expect(simulator.counts).toEqual({ total: 4, byStatus: { 200: 3, 401: 1 } });
  });

  test.each(['v1.0', 'v2'] as const)(
    'on %s ask at its path, with the user agent given',
    async (apiVersion) => {
      // The simulator answers 406 to any other Accept header.
      const { simulator, client } = await start({}, { apiVersion });
      await pollTimes(client, 1);
      for (const request of simulator.requests) {
        expect(request).toMatchObject({
          method: 'GET',
          path: `/api/atlas/${apiVersion}/groups/${ID.groupId}/liveMigrations/${ID.liveMigrationId}`,
          userAgent: 'cutover-watch/test',
        });
      }
    },
  );

  test('of an unknown migration are not_found', async () => {
    const { client } = await start();
    const result = await client.poll({ ...ID, liveMigrationId: '0'.repeat(24) });
    expect(result).toMatchObject({ ok: false, attempts: 1, error: { kind: 'not_found', httpStatus: 404 } });
  });

  test('count every request, the challenge included', async () => {
    const { simulator, client } = await start();
    expect(await pollTimes(client, 2)).toEqual([2, 1]);
    expect(simulator.counts.total).toBe(3);
  });
});

describe('polls of Atlas with the wrong key', () => {
  const privateKey = 'wrong-private-key-0a1b';

  test('cost two requests each, and say what to check', async () => {
    const { simulator, client } = await start(
      {},
      { privateKey, retry: { attempts: 4, minDelayMs: 1, maxDelayMs: 2, maxRetryAfterMs: 1 } },
    );
    for (let poll = 1; poll <= 5; poll += 1) {
      expect(await client.poll()).toMatchObject({
        ok: false,
        attempts: 1,
        error: {
          kind: 'unauthorized',
          httpStatus: 401,
          detail: 'HTTP 401: You are not authorized for this resource.',
          remedy: expect.stringContaining('Check the public and private key'),
        },
      });
      expect(simulator.counts.total).toBe(2 * poll);
    }
  });

  test('leave nothing of the key or the signature in the error', async () => {
    const { client } = await start({}, { privateKey });
    const shown = inspect(await client.poll(), {
      depth: Number.POSITIVE_INFINITY,
      showHidden: true,
      getters: true,
    });
    const passwordHash = createHash('md5')
      .update(`${KEY.publicKey}:MMS Public API:${privateKey}`)
      .digest('hex');
    expect(shown).toContain('unauthorized');
    for (const secret of [privateKey, passwordHash, 'Digest username', 'response=', 'cnonce'])
      expect(shown).not.toContain(secret);
  });
});
