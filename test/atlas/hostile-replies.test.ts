import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseChallenges, parseDigestChallenge } from '../../src/atlas/auth-challenge.ts';
import { DigestSession } from '../../src/atlas/digest-session.ts';
import { ServiceAccountSession } from '../../src/atlas/service-account-session.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { BODY, type ClientOptions, connect, connectClient, ID, KEY, listen } from './connect.ts';

const { _id, ...READING } = BODY;
const PROOF = /response="([^"]+)"/;

type Answer = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>];

/** A client with a key, of a server that challenges with this nonce and then answers what it makes of the signature. */
async function startDigest(answer: (authorization: string) => Answer, nonce = 'Nfx+VMFO0sY4') {
  const { baseUrl } = await listen((request, response) => {
    const { authorization } = request.headers;
    const challenge = { 'www-authenticate': `Digest realm="x", nonce="${nonce}", qop="auth"` };
    const [status, body, headers] =
      authorization === undefined ? [401, '', challenge] : answer(authorization);
    response.writeHead(status, headers).end(body);
  });
  return connectClient(baseUrl, { authenticator: new DigestSession(KEY) });
}

describe('a reading', () => {
  test.each([
    ['WORKING', {}],
    ['1764', { lagTimeSeconds: 1_764_345_600 }],
    [ID.liveMigrationId.slice(0, 4), {}],
    ['true', { readyForCutover: true }],
    ['status', {}],
    ['PENDING', { status: 'PENDING' }],
  ])('is what was sent, also with %j as the nonce', async (nonce, fields) => {
    const client = await startDigest(() => [200, JSON.stringify({ ...BODY, ...fields })], nonce);
    expect(await client.poll()).toMatchObject({ ok: true, reading: { ...READING, ...fields } });
  });

  test('is what was sent, also if a secret is a documented status', async () => {
    const { baseUrl } = await listen((_, response) => response.end(JSON.stringify(BODY)));
    const client = connectClient(baseUrl, { redact: (text) => text.replaceAll('WORKING', '[redacted]') });
    expect(await client.poll()).toMatchObject({ ok: true, reading: READING });
  });
});

describe('a secret that a server quotes', () => {
  const ACCOUNT = {
    clientId: 'mdb_sa_id_12',
    clientSecret: 'mdb_sa_sk_0123456789abcdefghijklmnopqrstuvwxyz',
  };
  const LOGIN = `${ACCOUNT.clientId}:${ACCOUNT.clientSecret}`;
  const redactor = new Redactor();
  redactor.register(ACCOUNT.clientSecret);
  const redact = (text: string): string => redactor.text(text);

  /** A client with a service account, of a server that answers what it makes of the login. */
  async function startAccount(answer: (login: string) => Answer, options: ClientOptions = {}) {
    const { baseUrl } = await listen((request, response) => {
      request.resume();
      const [status, body, headers] = answer(request.headers.authorization ?? '');
      response.writeHead(status, headers).end(body);
    });
    const session = new ServiceAccountSession({
      credentials: ACCOUNT,
      transport: connect(baseUrl, { redact }),
      now: Date.now,
      registerSecret: (secret) => redactor.register(secret),
    });
    return connectClient(baseUrl, { authenticator: session, redact, ...options });
  }

  test.each([0, 200, 240, 250, 270, 290])(
    'is not cut to a part of it, %d characters into a text',
    async (before) => {
      const quoting = (secret: string): string =>
        JSON.stringify({ error: 'x', error_description: 'y'.repeat(before) + secret });
      for (const answer of [
        (login: string) => quoting(login),
        () => quoting(ACCOUNT.clientSecret),
        () => quoting(LOGIN),
      ]) {
        const client = await startAccount((login) => [401, answer(login)]);
        const result = await client.poll();
        expect(result).toMatchObject({ ok: false });
        const login = Buffer.from(LOGIN).toString('base64');
        const shown = inspect(result, { depth: 9 });
        expect(shown).not.toContain(ACCOUNT.clientSecret.slice(0, 14));
        expect(shown).not.toContain(login.slice(0, 20));
      }
    },
  );

  test.each([
    ['hosts', (text: string) => ({ migrationHosts: ['h'.repeat(225) + text] })],
    ['a status', (text: string) => ({ status: 's'.repeat(85) + text })],
    ['an id', (text: string) => ({ _id: 'i'.repeat(25) + text })],
  ])('is hidden in %s', async (_, fields) => {
    const { baseUrl } = await listen((_request, response) =>
      response.end(JSON.stringify({ ...BODY, ...fields(ACCOUNT.clientSecret) })),
    );
    const shown = inspect(await connectClient(baseUrl, { redact }).poll(), { depth: 9 });
    expect(shown).toMatch(/\[red|\[cut\]/);
    expect(shown).not.toContain('mdb_sa');
  });

  test.each([
    ['the body', (authorization: string) => [403, JSON.stringify({ detail: `bad ${authorization}` })]],
    [
      'an error code',
      (authorization: string) => [403, JSON.stringify({ errorCode: authorization.match(PROOF)?.[1] })],
    ],
    ['a title', (authorization: string) => [503, `<title>${authorization}</title>`]],
    ['Sunset', (authorization: string) => [200, JSON.stringify(BODY), { sunset: authorization }]],
    [
      'the algorithm of a challenge',
      (authorization: string) => [
        401,
        '',
        { 'www-authenticate': `Digest nonce="n", algorithm="${authorization.match(PROOF)?.[1]}"` },
      ],
    ],
    [
      'the scheme of a challenge',
      (authorization: string) => [401, '', { 'www-authenticate': `${authorization.match(PROOF)?.[1]}` }],
    ],
  ] as const)('is hidden in %s: the proof of a digest', async (_, answer) => {
    let proof = '';
    const client = await startDigest((authorization) => {
      proof = authorization.match(PROOF)?.[1] ?? '';
      return answer(authorization) as unknown as Answer;
    });
    const result = await client.poll();
    const shown = inspect(result, { depth: 9 });
    expect(proof).toMatch(/^[0-9a-f]{32}$/);
    expect(shown.toLowerCase()).not.toContain(proof);
    expect(shown).toContain('[redacted]');
  });
});

test('text of a header is one line without control characters, and bounded', async () => {
  const sunset = `\u009B31m\u001B[2J${'x'.repeat(12_000)}`;
  const { baseUrl } = await listen(({ socket }) => {
    const head = `HTTP/1.1 200 OK\r\nSunset: ${sunset.replace('\u001B', '')}\r\nContent-Length: ${JSON.stringify(BODY).length}\r\n\r\n`;
    socket.end(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(JSON.stringify(BODY))]));
  });
  const result = await connectClient(baseUrl).poll();
  expect(result.deprecation?.sunset).toMatch(/^31m\[2Jx+… \[cut\]$/);
  expect(result.deprecation?.sunset).toHaveLength(100);
});

describe('a reply without an _id that ends a migration', () => {
  const RETRY = { attempts: 1, minDelayMs: 1, maxDelayMs: 2, maxRetryAfterMs: 1 };

  async function polled(...bodies: readonly object[]) {
    let asked = 0;
    const { baseUrl } = await listen((_, response) => {
      response.end(JSON.stringify(bodies[asked] ?? bodies.at(-1)));
      asked += 1;
    });
    const result = await connectClient(baseUrl, { retry: RETRY }).poll();
    return { asked, result };
  }

  test.each(['COMPLETE', 'FAILED', 'EXPIRED'])('with status %s is read twice', async (status) => {
    const { asked, result } = await polled({ status });
    expect(asked).toBe(2);
    expect(result).toMatchObject({ ok: true, requests: 2, reading: { status } });
  });

  test('is not believed if the next one says otherwise', async () => {
    const { result } = await polled({ status: 'COMPLETE' }, BODY);
    expect(result).toMatchObject({ ok: true, reading: READING });
  });

  test('is a bad reply if the next one tells of another end', async () => {
    const { result } = await polled({ status: 'COMPLETE' }, { status: 'FAILED' });
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'bad_reply', detail: 'Two replies without an _id disagree: COMPLETE, then FAILED.' },
    });
  });

  test.each([
    { ...BODY, status: 'COMPLETE' },
    { status: 'WORKING' },
    { status: 'NEW', readyForCutover: true },
  ])('is the only one that is read twice, and not %j', async (body) => {
    expect((await polled(body)).asked).toBe(1);
  });
});

describe('a challenge of 16 KiB', () => {
  const size = 16 * 1024;
  const fill = (part: string): string => part.repeat(size / part.length);
  const worst = [
    ' ',
    ',',
    'a',
    'a ',
    'a=',
    'a="',
    'a ="',
    '\\"',
    'a=" \\',
    'a=b,',
    'a = b ',
    'a\t',
    'Digest nonce=n,algorithm=x,',
    'Digest a="b" ',
    '=',
  ];

  test.each(worst)('of %j repeated is read in linear time', (part) => {
    for (const header of [fill(part), `Digest ${fill(part)}`, `Digest a="${fill(part)}`]) {
      const began = performance.now();
      parseChallenges(header);
      parseDigestChallenge(header);
      // It takes a few milliseconds; a quadratic reader takes seconds.
      expect(performance.now() - began).toBeLessThan(500);
    }
  });
});
