import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { Send } from '../../src/atlas/authenticator.ts';
import { DigestSession } from '../../src/atlas/digest-session.ts';
import type { HttpReply } from '../../src/atlas/transport.ts';
import { field, inTurn, okReply, type ScriptedSend, scriptedSend, unauthorized } from './digest-script.ts';

const KEY = { publicKey: 'abcdefgh', privateKey: '4c0e0b6a-private' };
const REQUEST = { method: 'GET', uri: '/x' };

/** Accepts requests that are signed with the current nonce. `renew` replaces it. */
function nonceServer(options = { stale: false }): ScriptedSend & { readonly renew: (nonce: string) => void } {
  let present = 'first';
  const server = scriptedSend((authorization) =>
    field(authorization, 'nonce') === present ? okReply : unauthorized(present, options),
  );
  return {
    ...server,
    renew(nonce) {
      present = nonce;
    },
  };
}

function performMany(session: DigestSession, send: Send, times: number) {
  return Promise.all(Array.from({ length: times }, () => session.perform(REQUEST, send)));
}

function statuses(replies: readonly { readonly status: number }[]): number[] {
  return [...new Set(replies.map(({ status }) => status))];
}

describe('many callers of one digest session', () => {
  test('share one challenge when it is cold', async () => {
    const { trail, send } = nonceServer();
    expect(statuses(await performMany(new DigestSession(KEY), send, 50))).toEqual([200]);
    expect(trail).toHaveLength(51);
    expect(trail.filter((word) => word === 'unsigned')).toHaveLength(1);
  });

  test('each get a nonce count of their own, without a gap', async () => {
    const { trail, send } = nonceServer();
    await performMany(new DigestSession(KEY), send, 50);
    const counts = trail.filter((word) => word !== 'unsigned').map((word) => word.split(' ')[1] ?? '');
    const sorted = counts.map((count) => Number.parseInt(count, 16)).toSorted((one, other) => one - other);
    expect(sorted).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  test('renew an old nonce once, and not once each', async () => {
    const { trail, send, renew } = nonceServer();
    const session = new DigestSession(KEY);
    await session.perform(REQUEST, send);
    renew('second');
    trail.length = 0;
    expect(statuses(await performMany(session, send, 10))).toEqual([200]);
    expect(trail.filter((word) => word.startsWith('first'))).toHaveLength(10);
    expect(new Set(trail.filter((word) => word.startsWith('second'))).size).toBe(10);
    expect(trail).toHaveLength(20);
  });

  test('renew once even when every 401 carries another nonce', async () => {
    const session = new DigestSession(KEY);
    await session.perform(REQUEST, nonceServer().send);
    const { trail, send } = scriptedSend((authorization, ordinal) =>
      field(authorization, 'nonce') === 'first' ? unauthorized(`n${ordinal}`) : okReply,
    );
    expect(statuses(await performMany(session, send, 5))).toEqual([200]);
    expect(trail.slice(5).map((word) => word.split(' ')[0])).toEqual(['n1', 'n1', 'n1', 'n1', 'n1']);
  });

  test('send two requests each at most when the key is wrong', async () => {
    const session = new DigestSession(KEY);
    const { trail, send } = scriptedSend((_, ordinal) => unauthorized(`n${ordinal}`));
    expect(statuses(await performMany(session, send, 20))).toEqual([401]);
    expect(trail.length).toBeLessThanOrEqual(40);
  });

  test('each ask for themselves when the one that fetches the challenge meets a fault', async () => {
    const session = new DigestSession(KEY);
    const faulty = scriptedSend(() => {
      throw new AtlasError({ kind: 'timeout', detail: 'nothing said' });
    });
    const { send } = nonceServer();
    const leader = session.perform(REQUEST, faulty.send);
    const others = performMany(session, send, 5);
    await expect(leader).rejects.toThrow('nothing said');
    expect(statuses(await others)).toEqual([200]);
  });

  test('try again after such a fault', async () => {
    const session = new DigestSession(KEY);
    const failing = scriptedSend(() => {
      throw new AtlasError({ kind: 'network', detail: 'gone' });
    });
    await expect(session.perform(REQUEST, failing.send)).rejects.toThrow('gone');
    expect((await session.perform(REQUEST, nonceServer().send)).status).toBe(200);
  });

  test('are not canceled with the one that fetches the challenge; one other fetches it in its place', async () => {
    const session = new DigestSession(KEY);
    const canceled = scriptedSend(() => {
      throw new DOMException('canceled', 'AbortError');
    });
    const { trail, send } = nonceServer();
    const leader = session.perform(REQUEST, canceled.send);
    const others = performMany(session, send, 20);
    await expect(leader).rejects.toMatchObject({ name: 'AbortError' });
    expect(statuses(await others)).toEqual([200]);
    expect(trail.filter((word) => word === 'unsigned')).toHaveLength(1);
    expect(trail).toHaveLength(21);
  });

  test('send one request each to a server that asks for nothing', async () => {
    let underWay = 0;
    const loads: number[] = [];
    const { trail, send } = scriptedSend(() => okReply);
    const counted: Send = async (authorization) => {
      underWay += 1;
      loads.push(underWay);
      const reply = await send(authorization);
      underWay -= 1;
      return reply;
    };
    expect(statuses(await performMany(new DigestSession(KEY), counted, 10))).toEqual([200]);
    expect(trail).toEqual(Array.from({ length: 10 }, () => 'unsigned'));
    // One finds out that no challenge comes; the others need not take turns.
    expect(Math.max(...loads)).toBe(9);
  });

  test('keep a renewed nonce when a late reply to the old one hands out another', async () => {
    const session = new DigestSession(KEY);
    const { trail, send, renew } = nonceServer();
    await session.perform(REQUEST, send);
    const late = Promise.withResolvers<HttpReply>();
    const waiting = session.perform(REQUEST, () => late.promise);
    renew('second');
    await session.perform(REQUEST, send);
    late.resolve({ ...okReply, headers: { 'authentication-info': 'nextnonce="outdated"' } });
    expect(await waiting).toMatchObject({ status: 200 });
    await session.perform(REQUEST, send);
    expect(trail.slice(-2)).toEqual(['second 00000001', 'second 00000002']);
  });

  test('of which one learns that nonces are for one use do not lose theirs under way', async () => {
    const session = new DigestSession(KEY);
    await session.perform(REQUEST, nonceServer().send);
    const late = Promise.withResolvers<HttpReply>();
    const sent: (string | undefined)[] = [];
    const waiting = session.perform(REQUEST, async (authorization) => {
      sent.push(field(authorization, 'nonce'));
      return sent.length === 1 ? await late.promise : okReply;
    });
    const oneTime = inTurn(unauthorized('own', { stale: true }), okReply);
    expect(await session.perform(REQUEST, oneTime.send)).toBe(okReply);
    late.resolve(unauthorized('next'));
    expect(await waiting).toBe(okReply);
    expect(sent).toEqual(['first', 'next']);
  });

  test('that are given the same nonce, though nonces seem to be for one use, count on under it', async () => {
    const session = new DigestSession(KEY);
    const { trail, send, renew } = nonceServer({ stale: true });
    await session.perform(REQUEST, send);
    renew('second');
    await session.perform(REQUEST, send);
    trail.length = 0;
    expect(statuses(await performMany(session, send, 5))).toEqual([200]);
    const signed = trail.filter((word) => word !== 'unsigned');
    expect(signed).toHaveLength(5);
    expect(new Set(signed).size).toBe(5);
  });
});
