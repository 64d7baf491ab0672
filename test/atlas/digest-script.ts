import { setImmediate } from 'node:timers/promises';
import { parseChallenges } from '../../src/atlas/auth-challenge.ts';
import type { Send } from '../../src/atlas/authenticator.ts';
import type { HttpReply } from '../../src/atlas/transport.ts';

export const okReply: HttpReply = { status: 200, headers: {}, body: '{}' };

/** A 401 as Atlas sends it. */
export function unauthorized(nonce: string, { stale = false } = {}): HttpReply {
  const challenge = `Digest realm="MMS Public API", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${stale}`;
  return { status: 401, headers: { 'www-authenticate': challenge }, body: '' };
}

/** Returns one field of an Authorization header, or undefined. */
export function field(authorization: string | undefined, name: string): string | undefined {
  return parseChallenges(authorization ?? '')[0]?.params.get(name);
}

/** What was sent so far, one word a request: `unsigned`, or the nonce and the nonce count it was signed with. */
export interface ScriptedSend {
  readonly trail: string[];
  readonly send: Send;
}

/** A `send` whose replies come in a later turn of the event loop, as over a network. */
export function scriptedSend(
  answer: (authorization: string | undefined, ordinal: number) => HttpReply,
): ScriptedSend {
  const trail: string[] = [];
  return {
    trail,
    async send(authorization) {
      const nonce = field(authorization, 'nonce');
      trail.push(nonce === undefined ? 'unsigned' : `${nonce} ${field(authorization, 'nc')}`);
      const ordinal = trail.length;
      await setImmediate();
      return answer(authorization, ordinal);
    },
  };
}

/** Answers one reply after the other, and the last one for ever. */
export function inTurn(...replies: readonly HttpReply[]): ScriptedSend {
  return scriptedSend((_, ordinal) => replies[ordinal - 1] ?? replies.at(-1) ?? okReply);
}
