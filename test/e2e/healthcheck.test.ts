import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { runToEnd, temporaryFolder, writeConfig } from './program.ts';
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
    `http://${host}/livez does not answer (ECONNREFUSED). Start cutover-watch run, or see whether it listens there.\n`,
  );
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
    `http://${listen}/livez answers ${status}, but not as cutover-watch does: is it another program? Compare http.listen in ${file}.\n`,
  );
});

test('healthcheck is 78 when there is no server to ask, or no configuration', async () => {
  const file = writeConfig(temporaryFolder(), configFor('http://127.0.0.1:1'));
  const off = await runToEnd(['healthcheck', '-c', file], {});
  expect(off.code).toBe(78);
  expect(off.stderr).toContain('http.listen is false');
  const none = await runToEnd(['healthcheck', '-c', join(temporaryFolder(), 'none.yaml')], {});
  expect(none.code).toBe(78);
  expect(none.stderr).toContain('there is no such file');
});
