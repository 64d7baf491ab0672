import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { configFor, groupId, migrationId } from './atlas-by-hand.ts';
import { start, temporaryFolder, writeConfig } from './program.ts';

interface Fault {
  readonly name: string;
  readonly errorType: string;
  readonly answer: (response: ServerResponse, request: IncomingMessage) => void;
}

const good = (id: string) => JSON.stringify({ _id: id, status: 'WORKING', readyForCutover: false });

function replies(status: number, body: string, headers: Record<string, string> = {}): Fault['answer'] {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

const faults: readonly Fault[] = [
  { name: 'accepts and says nothing', errorType: 'timeout', answer: () => {} },
  { name: 'closes at once', errorType: 'network', answer: (_, request) => void request.socket.destroy() },
  {
    name: 'sends half a body',
    errorType: 'network',
    answer: (response, request) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"status":"WORK', () => void request.socket.destroy());
    },
  },
  {
    name: 'sends HTML',
    errorType: 'bad_reply',
    answer: replies(200, '<html><title>Log in</title></html>', { 'content-type': 'text/html' }),
  },
  { name: 'sends 2 MiB', errorType: 'bad_reply', answer: replies(200, `"${'x'.repeat(2 * 1024 * 1024)}"`) },
  {
    name: 'sends wrong types',
    errorType: 'bad_reply',
    answer: replies(200, '{"status":7,"readyForCutover":"yes"}'),
  },
  { name: 'sends another _id', errorType: 'bad_reply', answer: replies(200, good('f'.repeat(24))) },
  { name: 'sends nothing', errorType: 'bad_reply', answer: replies(200, '') },
  {
    name: 'redirects',
    errorType: 'bad_reply',
    answer: replies(301, '', { location: 'https://example.net/' }),
  },
  {
    name: 'is unavailable',
    errorType: 'server_error',
    answer: replies(503, '<title>MongoDB Cloud Manager Unavailable</title>'),
  },
  {
    name: 'limits the rate',
    errorType: 'rate_limited',
    answer: replies(429, '{"errorCode":"RATE_LIMITED"}'),
  },
  {
    name: 'refuses the address',
    errorType: 'forbidden',
    answer: replies(403, '{"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST"}'),
  },
  { name: 'wants money', errorType: 'billing', answer: replies(402, '{"errorCode":"ACCOUNT_SUSPENDED"}') },
  {
    name: 'knows no such version',
    errorType: 'api_version',
    answer: replies(410, '{"errorCode":"VERSION_GONE"}'),
  },
  {
    name: 'knows no such migration',
    errorType: 'not_found',
    answer: replies(404, '{"errorCode":"RESOURCE_NOT_FOUND"}'),
  },
];

test('each fault of the server has its name in the log, and the next good reply is noticed', async () => {
  const answered = new Map<string, number>();
  const server = createServer((request, response) => {
    const id = request.url?.split('/').at(-1) ?? '';
    const count = (answered.get(id) ?? 0) + 1;
    answered.set(id, count);
    const fault = faults.find((_, n) => migrationId(n) === id);
    if (fault === undefined || count > 2) response.end(good(id));
    else fault.answer(response, request);
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => server.close().closeAllConnections());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const config = configFor(`http://127.0.0.1:${address.port}`, faults.length);
  const atlas = { ...config.atlas, requestTimeout: '500ms' };
  const watch = { unreachableAfter: 1 };
  const program = start(['run', '-c', writeConfig(temporaryFolder(), { ...config, atlas, watch })]);
  await Promise.all(
    faults.map((_, n) =>
      program.until(({ event, migration }) => event === 'watcher.recovered' && migration === `m${n}`),
    ),
  );
  expect((await program.end()).code).toBe(0);

  for (const [n, { name, errorType }] of faults.entries()) {
    const told = program.events.filter(({ migration }) => migration === `m${n}`);
    const [unreachable, failed] = told;
    expect({ name, ...unreachable }).toMatchObject({
      event: 'watcher.unreachable',
      level: 'error',
      errorType,
    });
    expect({ name, ...failed }).toMatchObject({ event: 'watcher.poll_failed', errorType });
    expect(told.map(({ event }) => event).slice(-2)).toEqual(['migration.first_seen', 'watcher.recovered']);
    expect(String(unreachable?.remedy).length).toBeGreaterThan(20);
  }
  expect(program.events.filter(({ event }) => event === 'watcher.rate_limited')).toMatchObject([{ groupId }]);
});
