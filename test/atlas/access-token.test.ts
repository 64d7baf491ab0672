import { describe, expect, test } from 'vitest';
import { parseTokenReply, tokenPhase } from '../../src/atlas/access-token.ts';

describe('a token', () => {
  const hour = { value: 't', issuedAt: 0, expiresAt: 3_600_000 };
  const tenSeconds = { value: 't', issuedAt: 0, expiresAt: 10_000 };

  test.each([
    [hour, 0, 'valid'],
    [hour, 3_539_999, 'valid'],
    [hour, 3_540_000, 'refresh-due'],
    [hour, 3_593_999, 'refresh-due'],
    [hour, 3_594_000, 'expired'],
    [hour, 9_000_000, 'expired'],
    [hour, -9_000_000, 'valid'],
    [tenSeconds, 8_999, 'valid'],
    [tenSeconds, 9_000, 'refresh-due'],
    [tenSeconds, 9_900, 'expired'],
    [{ value: 't', issuedAt: 0, expiresAt: 0 }, 0, 'expired'],
  ] as const)('%o is at %d ms %s', (token, now, phase) => {
    expect(tokenPhase(token, now)).toBe(phase);
  });
});

describe('the reply to a token request', () => {
  test.each([
    ['{"access_token":"a.b-c_~+/=","expires_in":3600,"token_type":"Bearer"}', 'a.b-c_~+/=', 3_601_000],
    ['{"access_token":"x","expires_in":"60","token_type":"bearer","scope":"y"}', 'x', 61_000],
    ['{"access_token":"x","token_type":"Bearer"}', 'x', 3_601_000],
  ])('%s is read, its life counted from the request', (body, value, expiresAt) => {
    expect(parseTokenReply(body, 1000)).toEqual({ value, issuedAt: 1000, expiresAt });
  });

  test.each([
    '',
    '<html></html>',
    '[]',
    '{"token_type":"Bearer","expires_in":1}',
    '{"access_token":"","token_type":"Bearer"}',
    '{"access_token":"two words","token_type":"Bearer"}',
    '{"access_token":"x\\r\\nHost: evil","token_type":"Bearer"}',
    '{"access_token":"x","token_type":"mac"}',
    '{"access_token":"x","token_type":"Bearer","expires_in":0}',
    '{"access_token":"x","token_type":"Bearer","expires_in":"soon"}',
  ])('%j is a bad one, and not shown', (body) => {
    expect(() => parseTokenReply(body, 0)).toThrow(
      expect.objectContaining({
        kind: 'bad_reply',
        detail: 'The reply to the token request holds no bearer token.',
      }),
    );
  });
});
