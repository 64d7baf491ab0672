import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { start, temporaryFolder, writeConfig } from './program.ts';

interface Request {
  readonly url: string | undefined;
  readonly id: string | undefined;
  readonly body: string;
}

/** A receiver on loopback that answers with this status, and keeps what it got. */
async function startReceiver() {
  const requests: Request[] = [];
  const state = { status: 204 };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      requests.push({ url: request.url, id: request.headers['webhook-id']?.toString(), body });
      response.writeHead(state.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { requests, state, url: `http://127.0.0.1:${port}` };
}

test('a receiver gets each event of the log by the id that its line has, and the ping the headline', async () => {
  const atlas = await startAtlas();
  atlas.simulator.setScript(`${groupId}/${migrationId(0)}`, () => ({
    _id: migrationId(0),
    status: 'WORKING',
    readyForCutover: true,
    lagTimeSeconds: 5,
  }));
  const receiver = await startReceiver();
  const folder = temporaryFolder();
  const file = writeConfig(folder, {
    ...configFor(atlas.simulator.baseUrl, 1),
    notify: [{ name: 'on-call', type: 'webhook', url: `${receiver.url}/hook-4711-secret` }],
    ping: { url: `${receiver.url}/ping/0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9`, every: '10s' },
  });
  const program = start(['run', '-c', file]);
  const ready = await program.until(({ event }) => event === 'migration.ready_for_cutover');
  await expect.poll(() => receiver.requests.map(({ id }) => id)).toContain(ready.eventId);
  await expect
    .poll(() => receiver.requests.find(({ url }) => url?.startsWith('/ping')))
    .toMatchObject({ url: expect.not.stringContaining('/fail'), body: expect.stringContaining('m0') });
  expect(program.stdout + program.stderr).not.toContain('hook-4711-secret');
});

test('what is said of receivers at the end comes before the last line', async () => {
  const atlas = await startAtlas();
  for (const index of [0, 1])
    atlas.simulator.setScript(`${groupId}/${migrationId(index)}`, () => ({
      _id: migrationId(index),
      status: 'WORKING',
      readyForCutover: true,
      lagTimeSeconds: 5,
    }));
  const receiver = await startReceiver();
  receiver.state.status = 400;
  const file = writeConfig(temporaryFolder(), {
    ...configFor(atlas.simulator.baseUrl, 2),
    notify: [{ name: 'on-call', type: 'webhook', url: receiver.url, level: 'warn' }],
  });
  const program = start(['run', '-c', file]);
  await program.until(({ event }) => event === 'watcher.notification_dropped');
  await expect.poll(() => receiver.requests.length).toBeGreaterThan(1);
  await program.end('SIGTERM');
  const names = program.events.map(({ event }) => event);
  expect(names.filter((name) => name === 'watcher.notification_dropped')).toHaveLength(2);
  expect(names.at(-1)).toBe('watcher.stopped');
});
