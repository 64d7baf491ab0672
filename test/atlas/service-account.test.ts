import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ServiceAccountSession } from '../../src/atlas/service-account-session.ts';
import { BODY, type ClientOptions, connect, connectClient, ID, listen } from './connect.ts';
import { type ServiceAccount, startSimulator } from './simulated-service-account.ts';

const ACCOUNT = { clientId: 'mdb_sa_id_12', clientSecret: 'mdb_sa_sk_s3cr3t' };
const OTHER = { ...ID, liveMigrationId: '0'.repeat(24) };
const good = { ok: true, attempts: 1 };
const refused = { ok: false, attempts: 1, error: { kind: 'unauthorized', httpStatus: 401 } };

/** A session and a client against any base URL; the test moves the clock. */
function signIn(
  baseUrl: string,
  credentials = ACCOUNT,
  options: ClientOptions = {},
  clock = { now: 1_000_000 },
) {
  const secrets = new Set<string>();
  const session = new ServiceAccountSession({
    credentials,
    transport: connect(baseUrl),
    now: () => clock.now,
    registerSecret: (secret) => {
      secrets.add(secret);
      return () => void secrets.delete(secret);
    },
  });
  const client = connectClient(baseUrl, { authenticator: session, apiVersion: 'v2', ...options });
  return { clock, secrets, session, client, poll: () => client.poll() };
}

async function start(account: Partial<ServiceAccount> = {}, options: ClientOptions = {}) {
  const clock = { now: 1_000_000 };
  const simulator = await startSimulator({ ...ACCOUNT, ...account }, () => clock.now);
  return { simulator, ...signIn(simulator.baseUrl, ACCOUNT, options, clock) };
}

type TokenAnswer = readonly [status: number, body: object, headers?: Readonly<Record<string, string>>];

/** A token endpoint by hand; every resource is readable with any token. */
async function startTokens(answer: (nth: number) => TokenAnswer | 'silence') {
  let asked = 0;
  const { baseUrl } = await listen((request, response) => {
    request.resume();
    if (request.url !== '/api/oauth/token') return void response.end(JSON.stringify(BODY));
    asked += 1;
    const said = answer(asked);
    if (said !== 'silence') response.writeHead(said[0], said[2]).end(JSON.stringify(said[1]));
  });
  return { asked: () => asked, ...signIn(baseUrl) };
}

const token = (lifetimeSeconds: number) =>
  [200, { access_token: 'token', expires_in: lifetimeSeconds, token_type: 'Bearer' }] as const;

describe('polls with a service account', () => {
  test.each(['v1.0', 'v2'] as const)('on %s share one token', async (apiVersion) => {
    const { simulator, poll } = await start({}, { apiVersion });
    const polls = await Promise.all(Array.from({ length: 50 }, poll));
    for (const result of polls) expect(result).toMatchObject(good);
    for (const { requests } of polls) expect(requests).toBe(1);
    expect(await poll()).toMatchObject(good);
    expect(simulator.tokenCounts).toEqual({ token: 1, revoke: 0, live: 1 });
    expect(simulator.counts).toEqual({ total: 52, byStatus: { 200: 52 } });
  });

  test('renew the token in its last minute, once, and go on with the old one meanwhile', async () => {
    const { simulator, clock, poll } = await start();
    await poll();
    clock.now += 3_540_000;
    const polls = await Promise.all(Array.from({ length: 20 }, poll));
    for (const result of polls) expect(result).toMatchObject(good);
    await expect.poll(() => simulator.tokenCounts.token).toBe(2);
    clock.now += 60_000;
    expect(await poll()).toMatchObject(good);
    expect(simulator.counts.byStatus[401]).toBeUndefined();
    expect(simulator.tokenCounts.token).toBe(2);
  });

  test('wait for one new token when the old one has ended', async () => {
    const { simulator, clock, poll } = await start({ tokenLifetimeMs: 10_000 });
    await poll();
    clock.now += 10_000;
    const polls = await Promise.all(Array.from({ length: 20 }, poll));
    for (const result of polls) expect(result).toMatchObject(good);
    expect(simulator.tokenCounts).toMatchObject({ token: 2, live: 1 });
    expect(simulator.counts.byStatus[401]).toBeUndefined();
  });

  test('keep a token that could not be renewed while it is good', async () => {
    const { clock, poll, asked } = await startTokens((nth) => (nth === 1 ? token(3600) : [503, {}]));
    await poll();
    clock.now += 3_540_000;
    expect(await poll()).toMatchObject(good);
    await expect.poll(asked).toBe(2);
    expect(await poll()).toMatchObject(good);
    clock.now += 60_000;
    expect(await poll()).toMatchObject({ ok: false, error: { kind: 'server_error', httpStatus: 503 } });
  });

  test('renew a token that was revoked, once for all', async () => {
    const { simulator, poll } = await start();
    await poll();
    simulator.revokeTokens();
    const polls = await Promise.all(Array.from({ length: 10 }, poll));
    for (const result of polls) expect(result).toMatchObject(good);
    expect(simulator.tokenCounts.token).toBe(2);
  });

  test('take the second 401 for a refusal, and do not spend tokens on that resource again', async () => {
    let tokens = 0;
    const { baseUrl } = await listen((request, response) => {
      request.resume();
      const isToken = request.url === '/api/oauth/token';
      if (isToken) tokens += 1;
      const open = isToken || !request.url?.includes(OTHER.liveMigrationId);
      response.writeHead(open ? 200 : 401).end(JSON.stringify(isToken ? { ...token(3600)[1] } : BODY));
    });
    const { client, poll } = signIn(baseUrl);
    expect(await poll()).toMatchObject(good);
    for (let round = 0; round < 20; round += 1) {
      expect(await client.poll(OTHER)).toMatchObject({
        ...refused,
        error: { remedy: expect.stringContaining('service account') },
      });
      expect(await poll()).toMatchObject(good);
    }
    expect(tokens).toBe(2);
  });
});

describe('a token request', () => {
  test('that is refused fails everybody waiting, names the remedy, and is not repeated for 30 s', async () => {
    const { simulator } = await start();
    const { clock, poll } = signIn(simulator.baseUrl, { ...ACCOUNT, clientSecret: 'wrong-s3cr3t' });
    const polls = await Promise.all(Array.from({ length: 10 }, poll));
    for (const result of [...polls, await poll()]) {
      expect(result).toMatchObject({
        ...refused,
        error: {
          errorCode: 'invalid_client',
          remedy: expect.stringMatching(/client id and the client secret/),
        },
      });
      expect(inspect(result, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t/);
    }
    expect(simulator.tokenCounts.token).toBe(1);
    clock.now += 30_000;
    await poll();
    expect(simulator.tokenCounts.token).toBe(2);
  });

  test('is sent 10 times a minute at most; then all share the last failure', async () => {
    const { clock, poll, asked } = await startTokens(() => [500, {}]);
    for (let round = 0; round < 30; round += 1)
      expect(await poll()).toMatchObject({ ok: false, error: { kind: 'server_error' } });
    expect(asked()).toBe(10);
    clock.now += 60_000;
    await poll();
    expect(asked()).toBe(11);
  });

  test('that is limited is sent once, and later callers get the rest of the pause', async () => {
    const { clock, poll, asked } = await startTokens(() => [429, {}, { 'retry-after': '60' }]);
    expect(await poll()).toMatchObject({ ok: false, error: { kind: 'rate_limited', retryAfterMs: 60_000 } });
    clock.now += 55_000;
    expect(await poll()).toMatchObject({
      ok: false,
      error: { kind: 'rate_limited', httpStatus: 429, signingIn: true, retryAfterMs: 5_000 },
    });
    expect(asked()).toBe(1);
  });

  test('waits when ten tokens were spent within a minute', async () => {
    const { clock, poll, asked } = await startTokens(() => token(1));
    for (let round = 0; round < 10; round += 1) {
      expect(await poll()).toMatchObject(good);
      clock.now += 1000;
    }
    expect(await poll()).toMatchObject({ ok: false, error: { kind: 'rate_limited', retryAfterMs: 50_000 } });
    expect(asked()).toBe(10);
  });

  test('is retried like any other, and its pause is kept to', async () => {
    const { asked, session } = await startTokens((nth) => (nth === 1 ? [503, {}] : token(60)));
    const retry = { attempts: 2, minDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 1 };
    const { baseUrl } = await listen((_, response) => response.end(JSON.stringify(BODY)));
    const client = connectClient(baseUrl, { authenticator: session, retry });
    expect(await client.poll()).toMatchObject({ ok: true, attempts: 2 });
    expect(asked()).toBe(2);
  });

  test('that hangs holds nobody beyond the end of the own poll', async () => {
    const { client } = await startTokens(() => 'silence');
    const controller = new AbortController();
    const reason = new Error('stopping');
    const poll = client.poll(ID, controller.signal);
    setTimeout(() => controller.abort(reason), 50);
    await expect(poll).rejects.toBe(reason);
  });
});

describe('the end of a session', () => {
  test('revokes the token', async () => {
    const { simulator, session, poll } = await start();
    await poll();
    await session.close();
    expect(simulator.tokenCounts).toEqual({ token: 1, revoke: 1, live: 0 });
  });

  test('revokes the token that has been renewed, and the old one', async () => {
    const { simulator, session, clock, poll } = await start();
    await poll();
    clock.now += 3_570_000;
    await poll();
    await session.close();
    expect(simulator.tokenCounts).toEqual({ token: 2, revoke: 2, live: 0 });
  });

  test('revokes the token that is still being renewed', async () => {
    const revoked: string[] = [];
    let asked = 0;
    const { baseUrl } = await listen((request, response) => {
      if (request.url === '/api/oauth/revoke')
        void text(request).then((form) => revoked.push(new URLSearchParams(form).get('token') ?? ''));
      else request.resume();
      if (request.url !== '/api/oauth/token') return void response.end(JSON.stringify(BODY));
      asked += 1;
      const reply = { access_token: `token${asked}`, expires_in: 3600, token_type: 'Bearer' };
      setTimeout(() => response.end(JSON.stringify(reply)), asked === 1 ? 0 : 400);
    });
    const { poll, session, clock } = signIn(baseUrl);
    await poll();
    clock.now += 3_570_000;
    await poll();
    await session.close();
    expect(revoked.toSorted()).toEqual(['token1', 'token2']);
  });

  test('asks for nothing where there is no token, or a spent one', async () => {
    const { simulator, session } = await start();
    await session.close();
    const second = await start();
    await second.poll();
    second.clock.now += 9_000_000;
    await second.session.close();
    expect([simulator.tokenCounts.revoke, second.simulator.tokenCounts.revoke]).toEqual([0, 0]);
  });

  test('takes 2 s at most and never fails', async () => {
    const { baseUrl } = await listen((request, response) => {
      request.resume();
      if (request.url === '/api/oauth/revoke') return;
      response.end(JSON.stringify(request.url === '/api/oauth/token' ? token(60)[1] : BODY));
    });
    const { poll, session } = signIn(baseUrl);
    expect(await poll()).toMatchObject(good);
    const began = performance.now();
    await session.close();
    expect(performance.now() - began).toBeLessThan(2500);
  });
});

test('every token is registered as a secret before its use, and only the last two are kept', async () => {
  const { clock, secrets, poll } = await start({ tokenLifetimeMs: 10_000 });
  onTestFinished(() => secrets.clear());
  for (let round = 1; round <= 4; round += 1) {
    expect(await poll()).toMatchObject(good);
    expect(secrets.size).toBe(Math.min(2, round));
    clock.now += 20_000;
  }
});
