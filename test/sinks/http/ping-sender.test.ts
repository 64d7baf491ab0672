import { expect, onTestFinished, test } from 'vitest';
import { createPingSender } from '../../../src/sinks/http/ping-sender.ts';
import { startReceiver } from '../receivers.ts';

/** Sends one ping to a service that answers so, and returns what came of it and what the service got. */
async function pinged(status: number, body: string) {
  const { baseUrl, received } = await startReceiver((response) => response.writeHead(status).end(body));
  const settings = { url: `${baseUrl}/x?status=up`, token: 't0ken', every: 60_000, proxy: undefined };
  const sender = createPingSender(settings, { version: '1.2.3', redact: (text) => text });
  onTestFinished(() => sender.close());
  const message = { url: settings.url, body: 'All is well.' };
  return { outcome: await sender.send(message, new AbortController().signal), received };
}

test('a ping is a POST with the headline and the token', async () => {
  const { outcome, received } = await pinged(200, 'OK');
  expect(outcome).toMatchObject({ result: 'delivered', answer: 'HTTP 200' });
  expect(received).toMatchObject([
    {
      method: 'POST',
      path: '/x?status=up',
      body: 'All is well.',
      headers: { authorization: 'Bearer t0ken' },
    },
  ]);
});

test.each([
  { service: 'healthchecks', mistake: 'a check that it does not know', status: 200, body: 'OK (not found)' },
  {
    service: 'Uptime Kuma',
    mistake: 'a wrong token',
    status: 500,
    body: '{"ok":false,"msg":"Monitor not found"}',
  },
  { service: 'Gatus', mistake: 'a wrong token', status: 401, body: 'invalid token' },
])('a ping that $service does not take, as for $mistake, has failed', async ({ status, body }) => {
  const { outcome } = await pinged(status, body);
  expect(outcome).toMatchObject({
    result: 'failed',
    answer: expect.stringContaining(`HTTP ${status}: `),
    remedy: expect.stringContaining('ping.url'),
  });
});
