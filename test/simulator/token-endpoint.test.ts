import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { type Answer, ask, askSigned, KEY } from './loopback-client.ts';

const ACCOUNT = { clientId: 'mdb_sa_id_12', clientSecret: 'mdb_sa_sk_34', tokenLifetimeMs: 10_000 };
const PATHS = ['v1.0', 'v2'].map((version) => `/api/atlas/${version}/groups/g/liveMigrations/m`);
const ACCEPT = { accept: 'application/vnd.atlas.2023-01-01+json' };
const GRANT = 'grant_type=client_credentials';
const running: Simulator[] = [];
let nowMs = 0;

async function start(options: { readonly serviceAccount?: typeof ACCOUNT } = { serviceAccount: ACCOUNT }) {
  nowMs = 1_000_000;
  const migrations = new Map([['g/m', () => ({ status: 'NEW' })]]);
  const simulator = await startSimulator({ credentials: KEY, migrations, now: () => nowMs, ...options });
  running.push(simulator);
  return simulator;
}

function post(simulator: Simulator, path: string, body: string, login = `${ACCOUNT.clientId}:mdb_sa_sk_34`) {
  return new Promise<Answer>((resolve, reject) => {
    const authorization = `Basic ${Buffer.from(login).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const options = { method: 'POST', headers, agent: false };
    const sent = request(`${simulator.baseUrl}${path}`, options, (response) => {
      const { statusCode: status = 0, headers: received, rawHeaders } = response;
      text(response).then((said) => resolve({ status, headers: received, rawHeaders, body: said }), reject);
    });
    sent.once('error', reject).end(body);
  });
}

async function obtain(simulator: Simulator): Promise<string> {
  const { body } = await post(simulator, '/api/oauth/token', GRANT);
  return String(Reflect.get(JSON.parse(body) as object, 'access_token'));
}

async function statuses(simulator: Simulator, token: string): Promise<number[]> {
  const headers = { ...ACCEPT, authorization: `Bearer ${token}` };
  const answers = await Promise.all(PATHS.map((path) => ask(simulator.baseUrl, path, { headers })));
  return answers.map(({ status }) => status);
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

describe('the token endpoint', () => {
  test('gives a token that opens both versions of the API until it ends', async () => {
    const simulator = await start();
    const answer = await post(simulator, '/api/oauth/token', GRANT);
    expect(JSON.parse(answer.body)).toEqual({
      access_token: expect.stringMatching(/^[\w-]{64}$/),
      expires_in: 10,
      token_type: 'Bearer',
    });
    const token = await obtain(simulator);
    nowMs += 9_999;
    expect(await statuses(simulator, token)).toEqual([200, 200]);
    nowMs += 1;
    expect(await statuses(simulator, token)).toEqual([401, 401]);
    expect(await statuses(simulator, 'made-up')).toEqual([401, 401]);
    expect(simulator.tokenCounts).toEqual({ token: 2, revoke: 0, live: 0 });
  });

  test.each([
    [GRANT, `${ACCOUNT.clientId}:wrong`, 401, 'invalid_client'],
    [GRANT, 'nobody:mdb_sa_sk_34', 401, 'invalid_client'],
    ['grant_type=password', undefined, 400, 'unsupported_grant_type'],
    ['', undefined, 400, 'unsupported_grant_type'],
  ])('refuses %j of %j in the words of OAuth', async (body, login, status, error) => {
    const answer = await post(await start(), '/api/oauth/token', body, login);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({ error, error_description: expect.any(String) });
  });

  test('allows ten requests a minute', async () => {
    const simulator = await start();
    for (let asked = 0; asked < 10; asked += 1)
      expect((await post(simulator, '/api/oauth/token', GRANT)).status).toBe(200);
    const answer = await post(simulator, '/api/oauth/token', GRANT);
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '6']);
    nowMs += 60_000;
    expect((await post(simulator, '/api/oauth/token', GRANT)).status).toBe(200);
  });

  test('is not there without a service account, and knows only POST', async () => {
    expect((await post(await start({}), '/api/oauth/token', GRANT)).status).toBe(401);
    const simulator = await start();
    expect((await ask(simulator.baseUrl, '/api/oauth/token')).status).toBe(405);
  });
});

describe('a token', () => {
  test('is ended by its owner, with an answer that is the same for one that never was', async () => {
    const simulator = await start();
    const token = await obtain(simulator);
    expect((await post(simulator, '/api/oauth/revoke', `token=${token}`, 'x:y')).status).toBe(401);
    expect(await statuses(simulator, token)).toEqual([200, 200]);
    expect((await post(simulator, '/api/oauth/revoke', `token=${token}`)).status).toBe(200);
    expect((await post(simulator, '/api/oauth/revoke', 'token=never')).status).toBe(200);
    expect((await post(simulator, '/api/oauth/revoke', '')).status).toBe(400);
    expect(await statuses(simulator, token)).toEqual([401, 401]);
  });

  test('is ended with all others by the administrator; the API key goes on', async () => {
    const simulator = await start();
    const token = await obtain(simulator);
    simulator.revokeTokens();
    expect(await statuses(simulator, token)).toEqual([401, 401]);
    expect((await askSigned(simulator.baseUrl, PATHS[0] ?? '')).status).toBe(200);
  });
});
