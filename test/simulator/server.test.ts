import { once } from 'node:events';
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import { ask, askSigned, KEY, nonceOf, sign } from './loopback-client.ts';

const START = Date.UTC(2026, 0, 1, 12);
const GROUP = '5f7f5f5f5f5f5f5f5f5f5f5f';
const MIGRATION = '7e68e12770616e75e6df43d0';
const OTHER = '7e68e12770616e75e6df43d1';
const V1 = `/api/atlas/v1.0/groups/${GROUP}/liveMigrations/${MIGRATION}`;
const V2 = `/api/atlas/v2/groups/${GROUP}/liveMigrations/${MIGRATION}`;
const V2_TYPE = 'application/vnd.atlas.2023-01-01+json';
const BODY = {
  _id: MIGRATION,
  migrationHosts: 'vm001.example.com',
  readyForCutover: true,
  status: 'NEW',
};

const running: Simulator[] = [];
let nowMs = START;

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  nowMs = START;
  const simulator = await startSimulator({
    credentials: KEY,
    migrations: new Map([[`${GROUP}/${MIGRATION}`, () => BODY]]),
    now: () => nowMs,
    ...options,
  });
  running.push(simulator);
  return simulator;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

describe('the challenge', () => {
  test('has the shape Atlas gives it', async () => {
    const { baseUrl } = await start();
    const answer = await ask(baseUrl, V1);
    expect(answer.status).toBe(401);
    expect(answer.rawHeaders).toContain('Www-Authenticate');
    expect(answer.headers['www-authenticate']).toMatch(
      /^Digest realm="MMS Public API", domain="", nonce="[\w+/]{32}", algorithm=MD5, qop="auth", stale=false$/,
    );
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.body).toBe(
      '{"error":401,"reason":"Unauthorized","detail":"You are not authorized for this resource.","errorCode":"UNEXPECTED_ERROR"}',
    );
  });

  test('names SHA-256 when that is asked for', async () => {
    const { baseUrl } = await start({ algorithm: 'SHA-256' });
    expect((await ask(baseUrl, V1)).headers['www-authenticate']).toContain('algorithm=SHA-256,');
  });

  test('carries another nonce every time', async () => {
    const { baseUrl } = await start();
    expect(nonceOf(await ask(baseUrl, V1))).not.toBe(nonceOf(await ask(baseUrl, V1)));
  });

  test('comes before anything else is said, also about what does not exist', async () => {
    const { baseUrl } = await start();
    expect((await ask(baseUrl, '/')).status).toBe(401);
    expect((await ask(baseUrl, V1, { method: 'PUT' })).status).toBe(401);
    expect((await ask(baseUrl, V1, { headers: { authorization: 'Bearer token' } })).status).toBe(401);
  });
});

describe('a signed request', () => {
  test('gets the migration on v1.0', async () => {
    const { baseUrl } = await start();
    const answer = await askSigned(baseUrl, V1, { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual(BODY);
    expect(answer.headers).not.toHaveProperty('authentication-info');
  });

  test('may carry a query, which is part of what is signed', async () => {
    const { baseUrl } = await start();
    expect((await askSigned(baseUrl, `${V1}?pretty=true`)).status).toBe(200);
    const authorization = sign(V1, nonceOf(await ask(baseUrl, V1)), 1);
    const answer = await ask(baseUrl, `${V1}?pretty=true`, { headers: { authorization } });
    expect(answer.status).toBe(401);
  });

  test('with the wrong key is refused like one without a key, and not as stale', async () => {
    const { baseUrl } = await start();
    const unsigned = await ask(baseUrl, V1);
    const authorization = sign(V1, nonceOf(unsigned), 1, { privateKey: 'wrong' });
    const answer = await ask(baseUrl, V1, { headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.body).toBe(unsigned.body);
    expect(answer.headers['www-authenticate']).toContain('stale=false');
  });

  test('with the wrong key spends nobody a nonce count', async () => {
    const { baseUrl } = await start();
    const nonce = nonceOf(await ask(baseUrl, V1));
    await ask(baseUrl, V1, { headers: { authorization: sign(V1, nonce, 1, { privateKey: 'wrong' }) } });
    const answer = await ask(baseUrl, V1, { headers: { authorization: sign(V1, nonce, 1) } });
    expect(answer.status).toBe(200);
  });
});

describe('a nonce', () => {
  test('is stale after its lifetime, and the new one is accepted', async () => {
    const { baseUrl } = await start();
    const nonce = nonceOf(await ask(baseUrl, V1));
    nowMs = START + 60_000;
    const refused = await ask(baseUrl, V1, { headers: { authorization: sign(V1, nonce, 1) } });
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('stale=true');
    const authorization = sign(V1, nonceOf(refused), 1);
    expect((await ask(baseUrl, V1, { headers: { authorization } })).status).toBe(200);
  });

  test('that is old is not called stale under a wrong signature', async () => {
    const { baseUrl } = await start({ nonceLifetimeMs: 10 });
    const nonce = nonceOf(await ask(baseUrl, V1));
    nowMs = START + 10;
    const authorization = sign(V1, nonce, 1, { privateKey: 'wrong' });
    const answer = await ask(baseUrl, V1, { headers: { authorization } });
    expect(answer.headers['www-authenticate']).toContain('stale=false');
  });

  test('from before a restart is stale as well', async () => {
    const { baseUrl } = await start();
    const authorization = sign(V1, 'Nfx+VMFO0sY4tpgy1sHRakvvv0NN4S91', 1);
    const answer = await ask(baseUrl, V1, { headers: { authorization } });
    expect(answer.headers['www-authenticate']).toContain('stale=true');
  });

  test('takes its counts in any order, but each only once', async () => {
    const { baseUrl } = await start();
    const nonce = nonceOf(await ask(baseUrl, V1));
    const answers = [];
    for (const nonceCount of [2, 1, 2]) {
      answers.push(await ask(baseUrl, V1, { headers: { authorization: sign(V1, nonce, nonceCount) } }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401]);
    expect(answers[2]?.headers['www-authenticate']).toContain('stale=false');
  });

  test('can be good for one request only, with the next one handed out in the reply', async () => {
    const { baseUrl } = await start({ usesPerNonce: 1, nextNonce: true });
    const nonce = nonceOf(await ask(baseUrl, V1));
    const first = await ask(baseUrl, V1, { headers: { authorization: sign(V1, nonce, 1) } });
    const second = await ask(baseUrl, V1, { headers: { authorization: sign(V1, nonce, 2) } });
    expect([first.status, second.status]).toEqual([200, 401]);
    expect(second.headers['www-authenticate']).toContain('stale=true');
    const next = /^nextnonce="([^"]+)"$/.exec(String(first.headers['authentication-info']))?.[1] ?? '';
    const third = await ask(baseUrl, V1, { headers: { authorization: sign(V1, next, 1) } });
    expect(third.status).toBe(200);
  });
});

describe('version 2', () => {
  test('answers its own media type with the migration', async () => {
    const { baseUrl } = await start();
    const answer = await askSigned(baseUrl, V2, { headers: { accept: V2_TYPE } });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(`${V2_TYPE};charset=utf-8`);
    expect(JSON.parse(answer.body)).toEqual(BODY);
  });

  test.each(['application/json', '*/*', 'application/vnd.atlas.2024-08-05+json', `${V2_TYPE}, */*`])(
    'does not accept "Accept: %s"',
    async (accept) => {
      const { baseUrl } = await start();
      const answer = await askSigned(baseUrl, V2, { headers: { accept } });
      expect(answer.status).toBe(406);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(JSON.parse(answer.body)).toMatchObject({ error: 406, reason: 'Not Acceptable' });
    },
  );
});

describe('what cannot be had', () => {
  test.each([
    ['an unknown project', V1.replace(GROUP, OTHER), 'GROUP_NOT_FOUND', OTHER],
    [
      'an unknown migration',
      V1.replace(MIGRATION, OTHER),
      'RESOURCE_NOT_FOUND',
      V1.replace(MIGRATION, OTHER),
    ],
    ['another path', `${V1}/cutover`, 'RESOURCE_NOT_FOUND', `${V1}/cutover`],
    ['another version', V1.replace('v1.0', 'v1.5'), 'RESOURCE_NOT_FOUND', V1.replace('v1.0', 'v1.5')],
  ])('is answered 404 for %s', async (_, target, errorCode, parameter) => {
    const { baseUrl } = await start();
    const answer = await askSigned(baseUrl, target);
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual({
      error: 404,
      errorCode,
      reason: 'Not Found',
      detail: expect.stringContaining(parameter),
      parameters: [parameter],
    });
  });

  test('is answered 405 when it is not a GET', async () => {
    const { baseUrl } = await start();
    const answer = await askSigned(baseUrl, V1, { method: 'PUT' });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET');
    expect(JSON.parse(answer.body)).toMatchObject({ error: 405, reason: 'Method Not Allowed' });
  });

  test('is answered with the plain 500 of Atlas when a script throws', async () => {
    const simulator = await start();
    simulator.setScript(`${GROUP}/${MIGRATION}`, () => {
      throw new Error('out of order');
    });
    const answer = await askSigned(simulator.baseUrl, V1);
    expect([answer.status, answer.body]).toEqual([500, 'Server Error']);
  });
});

describe('a script', () => {
  test('is asked with the time of the request, and may vanish', async () => {
    const simulator = await start();
    simulator.setScript(`${GROUP}/${OTHER}`, (now) =>
      now < START + 1000 ? { lagTimeSeconds: now - START } : undefined,
    );
    const target = V1.replace(MIGRATION, OTHER);
    nowMs = START + 7;
    expect((await askSigned(simulator.baseUrl, target)).body).toBe('{"lagTimeSeconds":7}');
    nowMs = START + 1000;
    const gone = await askSigned(simulator.baseUrl, target);
    expect(JSON.parse(gone.body)).toMatchObject({ error: 404, errorCode: 'RESOURCE_NOT_FOUND' });
  });
});

describe('the record', () => {
  test('logs requests and replies with their times', async () => {
    const simulator = await start();
    await askSigned(simulator.baseUrl, V1, { headers: { 'user-agent': 'cutover-watch/test' } });
    expect(simulator.requests).toEqual([
      { method: 'GET', path: V1, status: 401, at: START, userAgent: '' },
      { method: 'GET', path: V1, status: 200, at: START, userAgent: 'cutover-watch/test', nonceCount: 1 },
    ]);
    expect(simulator.counts).toEqual({ total: 2, byStatus: { 200: 1, 401: 1 } });
  });

  test('holds nothing of the key or the signature', async () => {
    const simulator = await start();
    await askSigned(simulator.baseUrl, V1);
    const shown = inspect(simulator, { depth: null, showHidden: true });
    expect(shown).not.toContain(KEY.publicKey);
    expect(shown).not.toContain(KEY.privateKey);
    expect(shown).not.toContain('cnonce');
  });
});

describe('the server', () => {
  test('listens on the loopback interface, on the port it says', async () => {
    const { baseUrl, port } = await start();
    expect(baseUrl).toBe(`http://127.0.0.1:${port}`);
    expect(port).toBeGreaterThan(0);
  });

  test('does not start on a port that is taken', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow('EADDRINUSE');
  });

  test('delays its replies by the configured time', async () => {
    const { baseUrl } = await start({ replyDelayMs: 150 });
    const began = performance.now();
    await ask(baseUrl, V1);
    expect(performance.now() - began).toBeGreaterThanOrEqual(149);
  });

  test('destroys open connections when it is closed, idle or waiting, and closes once', async () => {
    const simulator = await start({ replyDelayMs: 60_000 });
    const idle = connect(simulator.port, '127.0.0.1');
    await once(idle, 'connect');
    const dropped = expect(ask(simulator.baseUrl, V1)).rejects.toThrow('socket hang up');
    await expect.poll(() => simulator.counts.total).toBe(1);
    await Promise.all([simulator.close(), simulator.close(), dropped, once(idle, 'close')]);
    await expect(ask(simulator.baseUrl, V1)).rejects.toThrow('ECONNREFUSED');
  });
});
