import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';
import { startServed } from './served-program.ts';

/** Runs healthcheck for a server that listens there; it needs no more of a configuration. */
async function check(listen: string) {
  const file = join(temporaryFolder(), 'cutover-watch.yaml');
  writeFileSync(file, `http:\n  listen: "${listen}"\n`);
  return { file, ...(await runToEnd(['healthcheck', '-c', file], {})) };
}

/** A server that gives one answer to everything. */
async function startOther(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

test('healthcheck is 0 while the daemon is alive, also when Atlas is not, and 69 when it is gone', async () => {
  const atlas = await startAtlas();
  const served = await startServed(configFor(atlas.simulator.baseUrl));
  await atlas.simulator.close();
  const { host, port } = new URL(served.origin);
  expect(await check(host)).toMatchObject({ code: 0, stdout: 'alive\n', stderr: '' });
  // What listens everywhere is found on this machine.
  expect(await check(`0.0.0.0:${port}`)).toMatchObject({ code: 0 });
  expect((await served.program.end()).code).toBe(0);
  const gone = await check(host);
  expect(gone).toMatchObject({ code: 69, stdout: '' });
  expect(gone.stderr).toBe(
    `http://${host}/livez does not answer (ECONNREFUSED). Start cutover-watch run, or check whether it listens there.\n`,
  );
});

test('healthcheck asks the daemon that runs, also when its file has changed since', async () => {
  const atlas = await startAtlas();
  const { program, file, origin } = await startServed(configFor(atlas.simulator.baseUrl));
  const { state } = JSON.parse(readFileSync(file, 'utf8')) as { state: object };
  const healthcheck = () => runToEnd(['healthcheck', '-c', file], {});
  // Any free port was asked for, and it is known all the same.
  expect(await healthcheck()).toMatchObject({ code: 0, stdout: 'alive\n', stderr: '' });
  for (const http of [{ listen: '127.0.0.1:1' }, { listen: false }, { listen: 'nonsense' }]) {
    writeFileSync(file, JSON.stringify({ state, http }));
    expect(await healthcheck()).toMatchObject({ code: 0 });
  }
  writeFileSync(file, JSON.stringify({ state, http: { listen: '127.0.0.1:1' } }));
  expect((await program.end()).code).toBe(0);
  // It has taken its address away.
  const gone = await healthcheck();
  expect(gone.code).toBe(69);
  expect(gone.stderr).toContain('http://127.0.0.1:1/livez does not answer');
  expect(origin).not.toBe('http://127.0.0.1:1');
});

test('healthcheck finds the daemon by the usual state file while its file cannot be read at all', async () => {
  const atlas = await startAtlas();
  const folder = temporaryFolder();
  const file = join(folder, 'cutover-watch.yaml');
  const { baseUrl } = atlas.simulator;
  writeFileSync(file, JSON.stringify({ ...configFor(baseUrl), http: { listen: '127.0.0.1:0' } }));
  const env = { STATE_DIRECTORY: folder };
  const program = start(['run', '-c', file], { ...keyInEnvironment(), ...env });
  await program.until(({ event }) => event === 'watcher.started');
  writeFileSync(file, 'http: [');
  expect(await runToEnd(['healthcheck', '-c', file], env)).toMatchObject({ code: 0 });
  // Somebody else's daemon is not ours.
  const other = join(folder, 'other.yaml');
  writeFileSync(other, 'http: [');
  expect(await runToEnd(['healthcheck', '-c', other], env)).toMatchObject({ code: 78 });
});

test('healthcheck asks at the address of the configuration where the one beside the usual state file is out of date', async () => {
  const atlas = await startAtlas();
  const { file, origin } = await startServed(configFor(atlas.simulator.baseUrl));
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.db'), '');
  writeFileSync(
    join(folder, 'state.db.address'),
    JSON.stringify({ config: file, httpAddress: 'http://127.0.0.1:1' }),
  );
  expect(await runToEnd(['healthcheck', '-c', file], { STATE_DIRECTORY: folder })).toMatchObject({ code: 0 });
  expect(origin).not.toBe('http://127.0.0.1:1');
});

test('healthcheck is 1 with the reason when the poll loop does not beat', async () => {
  const reason = 'A poll was to begin 31 s ago and has not.';
  const listen = await startOther(503, JSON.stringify({ alive: false, reason }));
  expect(await check(listen)).toMatchObject({ code: 1, stdout: '', stderr: `${reason}\n` });
});

test.each([
  [404, '<html>Not Found</html>'],
  [200, 'null'],
])('healthcheck is 69 when another program answers %d', async (status, body) => {
  const listen = await startOther(status, body);
  const { code, stderr, file } = await check(listen);
  expect(code).toBe(69);
  expect(stderr).toBe(
    `http://${listen}/livez answers ${status}, but not as cutover-watch does. Another program may listen there: compare http.listen in ${file}.\n`,
  );
});

test('healthcheck is 78 when there is no server to ask, or no configuration', async () => {
  const file = writeConfig(temporaryFolder(), configFor('http://127.0.0.1:1'));
  const off = await runToEnd(['healthcheck', '-c', file], {});
  expect(off.code).toBe(78);
  expect(off.stderr).toBe(
    `${file}: http.listen is false, so there is no server to ask. Set an address such as 127.0.0.1:9464, or disable the health check (docker run --no-healthcheck).\n`,
  );
  const none = await runToEnd(['healthcheck', '-c', join(temporaryFolder(), 'none.yaml')], {});
  expect(none.code).toBe(78);
  expect(none.stderr).toContain('there is no such file');
});

test.each([
  { rule: 'longer than any of cutover-watch', body: `{"alive":true,"filler":"${'x'.repeat(100_000)}"}` },
  { rule: 'of another type', body: '{"alive":false,"reason":{"toString":1}}' },
  { rule: 'without a reason', body: '{"alive":false}' },
])('an answer $rule is one of another program', async ({ body }) => {
  const { code, stderr } = await check(await startOther(200, body));
  expect(code).toBe(69);
  expect(stderr).toContain('Another program may listen there: compare http.listen');
});

test('the reason of whoever answers reaches no terminal with control characters', async () => {
  const listen = await startOther(503, JSON.stringify({ alive: false, reason: '\u001b[31mred\n\u009b2J' }));
  expect(await check(listen)).toMatchObject({ code: 1, stderr: '[31mred 2J\n' });
});

test('a watcher that does not answer in time hangs, and is not called stopped', async () => {
  const server = createServer(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await check(`127.0.0.1:${port}`);
  expect(code).toBe(69);
  expect(stderr).toContain('does not answer within 3 s. Something listens there');
});

test('what listens on every address of IPv6 is found by IPv4 too', async () => {
  const listen = await startOther(200, '{"alive":true}');
  const [, port] = listen.split(':');
  expect(await check(`[::]:${port}`)).toMatchObject({ code: 0, stdout: 'alive\n' });
});

test('healthcheck takes nothing out of a pipe that the daemon is to read', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { code, stderr } = await runToEnd(['healthcheck', '-c', pipe], {});
  expect(code).toBe(78);
  expect(stderr).toContain('is no regular file, so only the daemon reads it. Use a regular file.');
});
