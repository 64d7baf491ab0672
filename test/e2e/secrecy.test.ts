import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { configFor } from './atlas-by-hand.ts';
import { apiKey, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const nonce = 'Nfx+VMFO0sY4tpgy1sHRakvvv0NN4S91';

/** Refuses every key, as Atlas does, and remembers all that it was sent to prove who asks. */
async function startRefusal(): Promise<{ baseUrl: string; proofs: string[]; requests: () => number }> {
  const proofs: string[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (request.headers.authorization !== undefined) proofs.push(request.headers.authorization);
    const challenge = `Digest realm="MMS Public API", domain="", nonce="${nonce}${requests}", algorithm=MD5, qop="auth", stale=false`;
    response.writeHead(401, { 'www-authenticate': challenge, 'content-type': 'application/json' });
    response.end(
      '{"error":401,"reason":"Unauthorized","detail":"You are not authorized for this resource."}',
    );
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { baseUrl: `http://127.0.0.1:${address.port}`, proofs, requests: () => requests };
}

const commands = [
  ...['trace', 'debug', 'info', 'error'].map((level) => ({ args: ['run', '--once'], log: { level } })),
  { args: ['run', '--once'], log: { level: 'trace', format: 'pretty' } },
  { args: ['run', '--once'], log: { level: 'trace', format: 'ecs' } },
  { args: ['check'], log: {} },
  { args: ['check', '--json'], log: {} },
];

test.each(commands)(
  'a wrong key costs two requests, exits 77 and shows nothing secret: $args $log',
  async ({ args, log }) => {
    const refusal = await startRefusal();
    const file = writeConfig(temporaryFolder(), { ...configFor(refusal.baseUrl), log });
    const { code, stdout, stderr } = await runToEnd([...args, '-c', file]);
    expect(code).toBe(77);
    expect(refusal.requests()).toBe(2);
    expect(refusal.proofs).toHaveLength(1);

    const output = stdout + stderr;
    const hash = createHash('md5')
      .update(`${apiKey.publicKey}:MMS Public API:${apiKey.privateKey}`)
      .digest('hex');
    const parts = refusal.proofs.flatMap((proof) => [
      ...proof.matchAll(/(?:response|cnonce|nonce)="([^"]+)"/g),
    ]);
    expect(parts).toHaveLength(3);
    const secrets = [
      apiKey.privateKey,
      apiKey.publicKey,
      hash,
      nonce,
      'Digest username',
      ...parts.map((part) => part[1]),
    ];
    for (const secret of secrets) expect(output).not.toContain(secret);
  },
);

test('a wrong key is one clear event that names the remedy', async () => {
  const refusal = await startRefusal();
  const file = writeConfig(temporaryFolder(), configFor(refusal.baseUrl));
  const { events } = await runToEnd(['run', '--once', '-c', file]);
  const [failed, ...others] = events.filter(({ event }) => !/^watcher\.(start|stop)/.test(event));
  expect(others).toEqual([]);
  expect(failed).toMatchObject({
    event: 'watcher.poll_failed',
    level: 'warn',
    errorType: 'unauthorized',
    httpStatus: 401,
    attempts: 1,
  });
  expect(failed?.msg).toContain('Check the public and private key');
});

test('validate masks the key', async () => {
  const file = writeConfig(temporaryFolder(), configFor('http://127.0.0.1:1'));
  const { code, stdout, stderr } = await runToEnd(['validate', '-c', file]);
  expect(code).toBe(0);
  expect(stdout).toContain('$MONGODB_ATLAS_PRIVATE_API_KEY');
  expect(stdout + stderr).not.toContain(apiKey.privateKey);
  expect(stdout + stderr).not.toContain(apiKey.publicKey);
});
