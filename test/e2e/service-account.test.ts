import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listenOn } from '../atlas/connect.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

const account = { clientId: 'mdb_sa_id_0123456789', clientSecret: 'mdb_sa_sk_s3cr3t-s3cr3t' };
const inEnvironment = {
  MONGODB_ATLAS_CLIENT_ID: account.clientId,
  MONGODB_ATLAS_CLIENT_SECRET: account.clientSecret,
};
const login = Buffer.from(`${account.clientId}:${account.clientSecret}`).toString('base64');

function configWith(baseUrl: string, count = 1, auth: object = {}): object {
  const { atlas, ...rest } = configFor(baseUrl, count);
  return { ...rest, atlas: { ...atlas, auth: { type: 'serviceAccount', ...auth } }, log: { level: 'trace' } };
}

test('a service account watches with one token, on v2, and gives it back at the end', async () => {
  const atlas = await startAtlas({ serviceAccount: account });
  for (const n of [0, 1, 2]) atlas.say(n, { status: 'WORKING', readyForCutover: false });
  const folder = temporaryFolder();
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, `${account.clientSecret}\n`, { mode: 0o400 });
  const auth = { clientId: account.clientId, clientSecretFile: secretFile };
  const program = start(['run', '-c', writeConfig(folder, configWith(atlas.simulator.baseUrl, 3, auth))], {});
  await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm2');
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  await program.until(({ event }) => event === 'migration.ready_for_cutover');
  expect(atlas.simulator.tokenCounts).toEqual({ token: 1, revoke: 0, live: 1 });
  expect(await program.end()).toMatchObject({ code: 0 });
  expect(atlas.simulator.tokenCounts).toEqual({ token: 1, revoke: 1, live: 0 });
  expect(atlas.simulator.counts.byStatus[401]).toBeUndefined();
  expect(new Set(atlas.simulator.requests.map(({ path }) => path.slice(0, 13)))).toEqual(
    new Set(['/api/oauth/to', '/api/atlas/v2', '/api/oauth/re']),
  );
  expect(program.events.at(-1)?.event).toBe('watcher.stopped');
  expect(program.stdout + program.stderr).not.toMatch(/s3cr3t|Bearer/);
});

test('check takes it from the environment, asks v1.0 where configured, and revokes too', async () => {
  const atlas = await startAtlas({ serviceAccount: account });
  atlas.say(0, { status: 'WORKING' });
  const config = configWith(atlas.simulator.baseUrl);
  const file = writeConfig(temporaryFolder(), {
    ...config,
    atlas: { ...Reflect.get(config, 'atlas'), apiVersion: 'v1.0' },
  });
  expect(await runToEnd(['check', '-c', file], inEnvironment)).toMatchObject({ code: 0 });
  expect(atlas.simulator.requests.map(({ path }) => path.slice(0, 15))).toContain('/api/atlas/v1.0');
  expect(atlas.simulator.tokenCounts).toEqual({ token: 1, revoke: 1, live: 0 });
});

test.each([
  ['run', '--once'],
  ['check', '--json'],
])(
  'a wrong secret costs one request, exits 77, names the remedy and shows nothing: %s %s',
  async (...args) => {
    const atlas = await startAtlas({ serviceAccount: { ...account, clientSecret: 'another' } });
    const file = writeConfig(temporaryFolder(), configWith(atlas.simulator.baseUrl, 3));
    const { code, stdout, stderr } = await runToEnd([...args, '-c', file], inEnvironment);
    expect(code).toBe(77);
    expect(atlas.simulator.counts.total).toBe(1);
    expect(stdout).toContain('invalid_client');
    expect(stdout).toContain('Check the client id and the client secret');
    for (const secret of [account.clientSecret, login, 'Basic '])
      expect(stdout + stderr).not.toContain(secret);
  },
);

test('what the far side says of the secret or the token is hidden', async () => {
  const token = 'eyJhbGciOi.secret-token';
  const server = createServer((request, response) => {
    const said = request.headers.authorization ?? '';
    if (request.url === '/api/oauth/token') {
      response.end(JSON.stringify({ access_token: token, expires_in: 3600, token_type: 'Bearer' }));
    } else
      response.writeHead(403).end(JSON.stringify({ detail: `${said} ${account.clientSecret} ${login}` }));
    request.resume();
  });
  const file = writeConfig(temporaryFolder(), configWith(`http://127.0.0.1:${await listenOn(server)}`));
  for (const args of [['check'], ['check', '--json'], ['run', '--once']]) {
    const { stdout, stderr } = await runToEnd([...args, '-c', file], inEnvironment);
    expect(stdout + stderr).toContain('[redacted] [redacted] [redacted]');
    for (const secret of [token, account.clientSecret, login]) expect(stdout + stderr).not.toContain(secret);
  }
});

test('validate masks it', async () => {
  const file = writeConfig(temporaryFolder(), configWith('http://127.0.0.1:1'));
  const { code, stdout, stderr } = await runToEnd(['validate', '-c', file], inEnvironment);
  expect(code).toBe(0);
  expect(stdout).toContain('clientId: mdb_sa_id_01... (from $MONGODB_ATLAS_CLIENT_ID)');
  expect(stdout).toContain('clientSecret: (from $MONGODB_ATLAS_CLIENT_SECRET)');
  expect(stdout + stderr).not.toMatch(/s3cr3t|0123456789/);
});

test('a stop is not held up by an Atlas that revokes nothing', async () => {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/api/oauth/revoke') return;
    const token = { access_token: 'token', expires_in: 3600, token_type: 'Bearer' };
    response.end(JSON.stringify(request.url === '/api/oauth/token' ? token : { status: 'WORKING' }));
  });
  const file = writeConfig(temporaryFolder(), configWith(`http://127.0.0.1:${await listenOn(server)}`));
  const program = start(['run', '-c', file], inEnvironment);
  await program.until(({ event }) => event === 'migration.first_seen');
  const { code, elapsedMs } = await program.end();
  expect(code).toBe(0);
  expect(elapsedMs).toBeLessThan(3500);
});
