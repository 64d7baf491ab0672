import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { type ConnectionSettings, canShareConnection, openConnection } from '../../src/daemon/connection.ts';
import { ID, KEY, never } from '../atlas/connect.ts';
import { startSimulator } from '../atlas/simulated-service-account.ts';

const account = { clientId: 'mdb_sa_id_12', clientSecret: 'mdb_sa_sk_s3cr3t' };
const request = {
  apiVersion: 'v2',
  pollTimeoutMs: 10_000,
  retry: { attempts: 1, minDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 1 },
} as const;

async function settingsOf(atlas: object, env = {}): Promise<ConnectionSettings> {
  const text = JSON.stringify({ atlas, state: { path: ':memory:' }, migrations: [ID] });
  const result = await loadConfig({ file: 'watch.yaml', env, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(result.problems.join(' '));
  return { config: result.config, credentials: { type: 'apiKey', ...KEY } };
}

test('requests for access tokens are counted with the others, but not with those of a poll', async () => {
  const simulator = await startSimulator(account, Date.now);
  const ends: (number | undefined)[] = [];
  const secrets = new Set<string>();
  const { config } = await settingsOf({ baseUrl: simulator.baseUrl });
  const connection = openConnection(
    { config, credentials: { type: 'serviceAccount', ...account } },
    {
      version: 'test',
      redact: (text) => text,
      registerSecret: (secret) => {
        secrets.add(secret);
        return () => void secrets.delete(secret);
      },
      onRequestEnd: (httpStatus) => ends.push(httpStatus),
    },
  );
  onTestFinished(() => connection.close());
  for (let poll = 0; poll < 2; poll += 1) {
    const result = await connection.client.readMigration(ID, request, { signal: never });
    expect(result).toMatchObject({ ok: true, requests: 1 });
  }
  expect(secrets.size).toBe(1);
  await connection.close();
  expect(simulator.tokenCounts).toMatchObject({ token: 1, revoke: 1 });
  expect(ends).toEqual([200, 200, 200, 200]);
});

const proxy = { HTTPS_PROXY: 'http://proxy.example.com:8080' };

test.each([
  { rule: 'nothing differs', share: true },
  { rule: 'the budget differs', atlas: { requestsPerMinute: 50 }, share: true },
  { rule: 'the concurrency differs', atlas: { concurrency: 2 }, share: true },
  {
    rule: 'the time for a poll and the version differ',
    atlas: { pollTimeout: '20s', apiVersion: 'v2' },
    share: true,
  },
  { rule: 'the address differs', atlas: { baseUrl: 'https://cloud.mongodbgov.com' }, share: false },
  { rule: 'the time for a request differs', atlas: { requestTimeout: '5s' }, share: false },
  { rule: 'a proxy is added', env: proxy, share: false },
  { rule: 'the key differs', privateKey: 'another-private-key', share: false },
])(
  'configurations share a connection: $share where $rule',
  async ({ atlas = {}, env = {}, privateKey, share }) => {
    const one = await settingsOf({});
    const other = await settingsOf(atlas, env);
    const credentials = { type: 'apiKey', ...KEY, ...(privateKey !== undefined && { privateKey }) } as const;
    expect(canShareConnection(one, { ...other, credentials })).toBe(share);
  },
);
