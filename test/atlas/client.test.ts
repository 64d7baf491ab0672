import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { AtlasError } from '../../src/atlas/atlas-error.ts';
import { DigestSession } from '../../src/atlas/digest-session.ts';
import { BODY, connectClient, ID, KEY, listen } from './connect.ts';

const { _id, ...READING } = BODY;
const GOOD: Step = [200, JSON.stringify(BODY)];
const RETRY = { attempts: 4, minDelayMs: 1, maxDelayMs: 2, maxRetryAfterMs: 300_000 };

type Step = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>];

function stale(nonce: string): Step {
  return [401, '', { 'www-authenticate': `Digest realm="x", nonce="${nonce}", qop="auth", stale=true` }];
}

/** Answers each step once, and the last one for ever. A step of status 0 is never answered. */
async function startScripted(...steps: readonly Step[]) {
  const answered: number[] = [];
  const held: ServerResponse[] = [];
  const { baseUrl, server } = await listen((_request, response) => {
    const [status, body, headers = {}] = steps[answered.length] ?? steps.at(-1) ?? GOOD;
    answered.push(status);
    if (status === 0) held.push(response);
    else response.writeHead(status, headers).end(body);
  });
  return { baseUrl, server, answered, held };
}

describe('a poll', () => {
  test('is tried again after transient faults, and counts its attempts', async () => {
    const { baseUrl, answered } = await startScripted([503, ''], [500, 'Server Error'], [429, '{}'], GOOD);
    const failed: AtlasError[] = [];
    const client = connectClient(baseUrl, {
      retry: RETRY,
      onAttemptFailed: (error) => failed.push(error),
    });
    expect(await client.poll()).toEqual({ ok: true, attempts: 4, requests: 4, reading: READING });
    expect(answered).toEqual([503, 500, 429, 200]);
    expect(failed.map(({ kind }) => kind)).toEqual(['server_error', 'server_error', 'rate_limited']);
  });

  test('ends with the error of its last attempt when all are used up', async () => {
    const { baseUrl, answered } = await startScripted([503, ''], [503, ''], [503, ''], [502, '']);
    const failed: unknown[] = [];
    const client = connectClient(baseUrl, {
      retry: RETRY,
      onAttemptFailed: ({ httpStatus }) => failed.push(httpStatus),
    });
    expect(await client.poll()).toMatchObject({
      ok: false,
      attempts: 4,
      error: { kind: 'server_error', httpStatus: 502 },
    });
    expect(answered).toHaveLength(4);
    expect(failed).toEqual([503, 503, 503, 502]);
  });

  test.each([400, 401, 402, 403, 404, 406, 410])('is not tried again after %i', async (status) => {
    const { baseUrl, answered } = await startScripted([status, '{}']);
    const result = await connectClient(baseUrl, { retry: RETRY }).poll();
    expect(result).toMatchObject({ ok: false, attempts: 1, error: { httpStatus: status } });
    expect(answered).toHaveLength(1);
  });

  test('is not tried again after a reply that makes no sense', async () => {
    const { baseUrl, answered } = await startScripted([200, '<html>']);
    const result = await connectClient(baseUrl, { retry: RETRY }).poll();
    expect(result).toMatchObject({ ok: false, attempts: 1, error: { kind: 'bad_reply' } });
    expect(answered).toHaveLength(1);
  });

  test('is tried again when the server blames the nonce twice', async () => {
    const { baseUrl, answered } = await startScripted(stale('a'), stale('b'), stale('c'), GOOD);
    const client = connectClient(baseUrl, { retry: RETRY, authenticator: new DigestSession(KEY) });
    expect(await client.poll()).toMatchObject({ ok: true, attempts: 2, requests: 4 });
    expect(answered).toEqual([401, 401, 401, 200]);
  });

  test('that gets no reply in time is tried again once', async () => {
    const { baseUrl, answered } = await startScripted([0, '']);
    const client = connectClient(baseUrl, { retry: RETRY, requestTimeoutMs: 100 });
    expect(await client.poll()).toMatchObject({
      ok: false,
      attempts: 2,
      requests: 2,
      error: { kind: 'timeout', detail: 'No complete reply within 0.1 s.' },
    });
    expect(answered).toHaveLength(2);
  });

  test.each<[rule: string, steps: readonly Step[], remaining: number | undefined]>([
    ['as the last reply says', [[200, GOOD[1], { 'ratelimit-remaining': '41' }]], 41],
    ['as an error says', [[429, '{}', { 'ratelimit-remaining': '0' }]], 0],
    [
      'as an earlier attempt said',
      [
        [503, '', { 'ratelimit-remaining': '7' }],
        [404, '{}'],
      ],
      7,
    ],
    ['as no reply says', [GOOD], undefined],
    ['as no number says', [[200, GOOD[1], { 'ratelimit-remaining': 'many' }]], undefined],
    ['as no count says', [[200, GOOD[1], { 'ratelimit-remaining': '-1' }]], undefined],
  ])('returns how many requests Atlas still takes, %s', async (_rule, steps, requestsRemaining) => {
    const { baseUrl } = await startScripted(...steps);
    const { requestsRemaining: result } = await connectClient(baseUrl, {
      retry: { ...RETRY, attempts: steps.length },
    }).poll();
    expect(result).toBe(requestsRemaining);
  });

  test('waits as long as Retry-After says before it is tried again', async () => {
    const { baseUrl } = await startScripted([429, '{}', { 'retry-after': '1' }], GOOD);
    const began = performance.now();
    const result = await connectClient(baseUrl, { retry: RETRY }).poll();
    expect(result).toMatchObject({ ok: true, attempts: 2 });
    expect(performance.now() - began).toBeGreaterThan(990);
  });

  test('reads a Retry-After date against the clock it was given', async () => {
    const headers = { 'retry-after': 'Mon, 23 Nov 2026 12:00:00 GMT' };
    const { baseUrl } = await startScripted([503, '', headers], GOOD);
    const result = await connectClient(baseUrl, {
      retry: RETRY,
      now: () => Date.UTC(2026, 10, 23, 12, 0, 0),
    }).poll();
    expect(result).toMatchObject({ ok: true, attempts: 2 });
  });

  test.each([
    ['a Retry-After', { 'retry-after': '3600' }, RETRY],
    ['a Retry-After at its cap', { 'retry-after': '9'.repeat(400) }, { ...RETRY, maxRetryAfterMs: 60_000 }],
    ['the backoff', {}, { ...RETRY, minDelayMs: 60_000, maxDelayMs: 60_000 }],
  ])('ends at once when %s does not fit into its time', async (_, headers, retry) => {
    const { baseUrl, answered } = await startScripted([429, '{}', headers], GOOD);
    const began = performance.now();
    const client = connectClient(baseUrl, { retry, pollTimeoutMs: 10_000 });
    expect(await client.poll()).toMatchObject({
      ok: false,
      attempts: 1,
      error: { kind: 'rate_limited' },
    });
    expect(performance.now() - began).toBeLessThan(2000);
    expect(answered).toHaveLength(1);
  });

  test('is tried again after a pause of the project that began while it waited', async () => {
    const { baseUrl, answered } = await startScripted([503, ''], GOOD);
    let pausedUntil = 0;
    const client = connectClient(baseUrl, {
      retry: { ...RETRY, minDelayMs: 40, maxDelayMs: 40 },
      onAttemptFailed: () =>
        void setTimeout(() => {
          pausedUntil = performance.now() + 400;
        }, 1),
      pauseMs: () => Math.max(0, pausedUntil - performance.now()),
    });
    expect(await client.poll()).toMatchObject({ ok: true, attempts: 2 });
    expect(pausedUntil).toBeGreaterThan(0);
    expect(performance.now()).toBeGreaterThanOrEqual(pausedUntil);
    expect(answered).toEqual([503, 200]);
  });

  test('ends with the fault seen last when the pause of the project outlasts its time', async () => {
    const { baseUrl, answered } = await startScripted([503, ''], GOOD);
    const client = connectClient(baseUrl, { retry: RETRY, pauseMs: () => 60_000 });
    expect(await client.poll()).toMatchObject({
      ok: false,
      attempts: 1,
      error: { kind: 'server_error', httpStatus: 503 },
    });
    expect(answered).toEqual([503]);
  });

  test('ends with a timeout when its time is over in the first attempt', async () => {
    const { baseUrl } = await startScripted([0, '']);
    const client = connectClient(baseUrl, { retry: RETRY, pollTimeoutMs: 200 });
    expect(await client.poll()).toMatchObject({
      ok: false,
      attempts: 1,
      error: { kind: 'timeout', detail: 'No complete reply within the 0.2 s of a poll.' },
    });
  });

  test('ends with the fault seen last when its time is over in a later attempt', async () => {
    const { baseUrl } = await startScripted([503, ''], [0, '']);
    const client = connectClient(baseUrl, { retry: RETRY, pollTimeoutMs: 300 });
    expect(await client.poll()).toMatchObject({
      ok: false,
      attempts: 2,
      error: { kind: 'server_error', httpStatus: 503 },
    });
  });

  test.each<[string, Readonly<Record<string, string>>, unknown]>([
    ['Sunset', { sunset: 'Sat, 01 Jan 2028 00:00:00 GMT' }, { sunset: 'Sat, 01 Jan 2028 00:00:00 GMT' }],
    ['Deprecation', { deprecation: '@1688169599' }, {}],
    ['both', { deprecation: 'true', sunset: 'soon' }, { sunset: 'soon' }],
  ])('reports the deprecation that %s announces', async (_, headers, deprecation) => {
    const { baseUrl } = await startScripted([200, GOOD[1], headers]);
    const result = await connectClient(baseUrl).poll();
    expect(result).toEqual({ ok: true, attempts: 1, requests: 1, reading: READING, deprecation });
  });

  test('that fails inside the program is internal, and is not tried again', async () => {
    const cause = new TypeError('bug');
    const authenticator = { perform: () => Promise.reject(cause) };
    const client = connectClient('http://127.0.0.1:9', { retry: RETRY, authenticator });
    expect(await client.poll()).toMatchObject({
      ok: false,
      attempts: 1,
      error: { kind: 'internal', detail: 'The poll failed inside the program (TypeError).', cause },
    });
  });

  test('that is cut off leaves nothing of the key or the signature in the error', async () => {
    const challenge = { 'www-authenticate': 'Digest realm="MMS Public API", nonce="n", qop="auth"' };
    const { baseUrl } = await listen(({ headers, socket }, response) => {
      if (headers.authorization === undefined) response.writeHead(401, challenge).end();
      else socket.resetAndDestroy();
    });
    const client = connectClient(baseUrl, { authenticator: new DigestSession(KEY) });
    const result = await client.poll();
    expect(result).toMatchObject({ ok: false, error: { kind: 'network' } });
    const shown = inspect(result, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
    for (const secret of [KEY.privateKey, 'Digest username', 'response='])
      expect(shown).not.toContain(secret);
  });
});

describe('a canceled poll', () => {
  const reason = new Error('shutdown');

  test('throws the reason and sends nothing when it was canceled before', async () => {
    const { baseUrl, answered } = await startScripted(GOOD);
    const poll = connectClient(baseUrl).poll(ID, AbortSignal.abort(reason));
    await expect(poll).rejects.toBe(reason);
    expect(answered).toEqual([]);
  });

  test('throws the reason and ends its request', async () => {
    const { baseUrl, server, held } = await startScripted([0, '']);
    const controller = new AbortController();
    const asked = once(server, 'request');
    const poll = connectClient(baseUrl, { retry: RETRY }).poll(ID, controller.signal);
    const refused = expect(poll).rejects.toBe(reason);
    await asked;
    const closed = held.map((response) => once(response, 'close'));
    controller.abort(reason);
    await refused;
    expect(closed).toHaveLength(1);
    await Promise.all(closed);
  });

  test('throws the reason while it waits for another attempt, and tries no more', async () => {
    const { baseUrl, answered } = await startScripted([503, '', { 'retry-after': '5' }], GOOD);
    const controller = new AbortController();
    const onAttemptFailed = () => void setImmediate(() => controller.abort(reason));
    const began = performance.now();
    const poll = connectClient(baseUrl, { retry: RETRY, onAttemptFailed }).poll(ID, controller.signal);
    await expect(poll).rejects.toBe(reason);
    expect(performance.now() - began).toBeLessThan(2000);
    await delay(20);
    expect(answered).toEqual([503]);
  });

  test('leaves the client fit for the next', async () => {
    const { baseUrl } = await startScripted([0, ''], GOOD);
    const client = connectClient(baseUrl);
    await expect(client.poll(ID, AbortSignal.timeout(50))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(await client.poll()).toMatchObject({ ok: true });
  });
});
