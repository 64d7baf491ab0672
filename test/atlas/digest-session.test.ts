import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DigestSession } from '../../src/atlas/digest-session.ts';
import type { HttpReply } from '../../src/atlas/transport.ts';
import { field, inTurn, okReply, scriptedSend, unauthorized } from './digest-script.ts';

const KEY = { publicKey: 'abcdefgh', privateKey: '4c0e0b6a-private' };
const REQUEST = { method: 'GET', uri: '/api/atlas/v1.0/groups/g/liveMigrations/m' };

/** A session that holds nonce `warm` and has signed one request with it. */
async function warmSession(): Promise<DigestSession> {
  const session = new DigestSession(KEY);
  await session.perform(REQUEST, inTurn(unauthorized('warm'), okReply).send);
  return session;
}

describe('a cold digest session', () => {
  test('asks for a challenge, then signs', async () => {
    const { trail, send } = inTurn(unauthorized('a'), okReply);
    expect(await new DigestSession(KEY).perform(REQUEST, send)).toBe(okReply);
    expect(trail).toEqual(['unsigned', 'a 00000001']);
  });

  test('takes the reply of a server that asks for nothing', async () => {
    const { trail, send } = inTurn(okReply);
    expect(await new DigestSession(KEY).perform(REQUEST, send)).toBe(okReply);
    expect(trail).toEqual(['unsigned']);
  });

  test('with the wrong key sends two requests', async () => {
    const { trail, send } = inTurn(unauthorized('a'), unauthorized('b'), okReply);
    expect((await new DigestSession(KEY).perform(REQUEST, send)).status).toBe(401);
    expect(trail).toEqual(['unsigned', 'a 00000001']);
  });

  test('signs once more when the server says that the nonce it has just given is stale', async () => {
    const { trail, send } = inTurn(unauthorized('a'), unauthorized('b', { stale: true }), okReply);
    expect((await new DigestSession(KEY).perform(REQUEST, send)).status).toBe(200);
    expect(trail).toEqual(['unsigned', 'a 00000001', 'b 00000001']);
  });

  test('gives up after that, however often the server says stale', async () => {
    const stale = scriptedSend((_, ordinal) => unauthorized(`n${ordinal}`, { stale: true }));
    expect((await new DigestSession(KEY).perform(REQUEST, stale.send)).status).toBe(401);
    expect(stale.trail).toEqual(['unsigned', 'n1 00000001', 'n2 00000001']);
  });

  test('signs every request with a cnonce of its own', async () => {
    const session = new DigestSession(KEY);
    const cnonces = new Set<string | undefined>();
    const { send } = scriptedSend((authorization) => {
      if (authorization === undefined) return unauthorized('a');
      cnonces.add(field(authorization, 'cnonce'));
      return okReply;
    });
    for (let poll = 0; poll < 20; poll += 1) await session.perform(REQUEST, send);
    expect(cnonces.size).toBe(20);
    for (const cnonce of cnonces) expect(cnonce).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each<[string, HttpReply['headers'], string]>([
    ['nothing', {}, 'offered: nothing'],
    ['Basic', { 'www-authenticate': 'Basic realm="x"' }, 'offered: basic'],
    [
      'what it cannot compute',
      { 'www-authenticate': ['Digest nonce=n, algorithm=SHA-512-256', 'Negotiate'] },
      'offered: digest SHA-512-256, negotiate',
    ],
  ])('that is offered %s says so', async (_, headers, offered) => {
    const { trail, send } = inTurn({ status: 401, headers, body: '' });
    await expect(new DigestSession(KEY).perform(REQUEST, send)).rejects.toMatchObject({
      name: 'AtlasError',
      kind: 'unauthorized',
      httpStatus: 401,
      detail: expect.stringContaining(offered),
      remedy: expect.stringMatching(`asks for ${offered.replace('offered: ', '')}, but .* MD5 or SHA-256`),
    });
    expect(trail).toEqual(['unsigned']);
  });
});

describe('a warm digest session', () => {
  test('signs at once, and counts on under the same nonce', async () => {
    const session = await warmSession();
    const { trail, send } = inTurn(okReply);
    for (let poll = 0; poll < 16; poll += 1) await session.perform(REQUEST, send);
    expect(trail).toHaveLength(16);
    expect(trail.at(0)).toBe('warm 00000002');
    expect(trail.at(9)).toBe('warm 0000000b');
    expect(trail.at(-1)).toBe('warm 00000011');
  });

  test('signs once more with the new nonce of a 401, from count 1', async () => {
    const session = await warmSession();
    const { trail, send } = inTurn(unauthorized('b'), okReply);
    expect((await session.perform(REQUEST, send)).status).toBe(200);
    await session.perform(REQUEST, send);
    expect(trail).toEqual(['warm 00000002', 'b 00000001', 'b 00000002']);
  });

  test('takes the second 401 as a refusal, and begins the next request with its nonce', async () => {
    const session = await warmSession();
    const { trail, send } = inTurn(unauthorized('b'), unauthorized('c'), okReply);
    expect((await session.perform(REQUEST, send)).status).toBe(401);
    expect((await session.perform(REQUEST, send)).status).toBe(200);
    expect(trail).toEqual(['warm 00000002', 'b 00000001', 'c 00000001']);
  });

  test('takes a 401 with the nonce it has used as a refusal at once', async () => {
    const session = await warmSession();
    const { trail, send } = inTurn(unauthorized('warm'), okReply);
    expect((await session.perform(REQUEST, send)).status).toBe(401);
    expect(trail).toEqual(['warm 00000002']);
  });

  test('goes over to the nextnonce that a reply hands out', async () => {
    const session = await warmSession();
    const handsOut = { ...okReply, headers: { 'authentication-info': 'qop=auth, nextnonce="next+/"' } };
    const { trail, send } = inTurn(handsOut, okReply);
    for (let poll = 0; poll < 3; poll += 1) await session.perform(REQUEST, send);
    expect(trail).toEqual(['warm 00000002', 'next+/ 00000001', 'next+/ 00000002']);
  });

  test('changes its algorithm with the challenge', async () => {
    const session = await warmSession();
    const algorithms: (string | undefined)[] = [];
    const sha: HttpReply = {
      status: 401,
      headers: { 'www-authenticate': 'Digest realm="x", nonce="s", qop="auth", algorithm=SHA-256' },
      body: '',
    };
    const { send } = scriptedSend((authorization, ordinal) => {
      algorithms.push(field(authorization, 'algorithm'));
      return ordinal === 1 ? sha : okReply;
    });
    await session.perform(REQUEST, send);
    expect(algorithms).toEqual(['MD5', 'SHA-256']);
  });

  test('hands through any other reply', async () => {
    const session = await warmSession();
    const reply = { status: 503, headers: {}, body: 'busy' };
    expect(await session.perform(REQUEST, inTurn(reply).send)).toBe(reply);
  });

  test('that gets a 401 without a Digest challenge says so', async () => {
    const session = await warmSession();
    const { send } = inTurn({ status: 401, headers: {}, body: '' });
    await expect(session.perform(REQUEST, send)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('shows nothing of its key when inspected', async () => {
    const shown = inspect(await warmSession(), { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(shown).not.toContain(KEY.privateKey);
    expect(shown).not.toContain(KEY.publicKey);
  });
});
