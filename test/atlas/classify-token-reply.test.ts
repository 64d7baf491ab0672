import { expect, test } from 'vitest';
import { classifyTokenReply } from '../../src/atlas/classify-token-reply.ts';

function reply(status: number, body: string, headers: Record<string, string> = {}) {
  return classifyTokenReply({ status, body, headers }, 0);
}

test.each([
  [401, '{"error":"invalid_client","error_description":"No such client."}', 'unauthorized', 'invalid_client'],
  [400, '{"error":"invalid_client"}', 'unauthorized', 'invalid_client'],
  [400, '{"error":"unauthorized_client"}', 'unauthorized', 'unauthorized_client'],
  [400, '{"error":"unsupported_grant_type"}', 'bad_reply', 'unsupported_grant_type'],
  [401, '{"error":401,"errorCode":"UNAUTHORIZED","detail":"No."}', 'unauthorized', 'UNAUTHORIZED'],
  [403, '{"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST"}', 'forbidden', 'IP_ADDRESS_NOT_ON_ACCESS_LIST'],
  [429, '{"error":"temporarily_unavailable"}', 'rate_limited', 'temporarily_unavailable'],
  [503, '<title>Unavailable</title>', 'server_error', undefined],
  [500, '', 'server_error', undefined],
  // These mean a migration, or a version of the API, anywhere else.
  [404, '', 'bad_reply', undefined],
  [410, '', 'bad_reply', undefined],
  [302, '', 'bad_reply', undefined],
])('HTTP %d with %j to a token request is %s', (httpStatus, body, kind, errorCode) => {
  expect(reply(httpStatus, body)).toMatchObject({ kind, httpStatus, errorCode });
});

test.each([
  ['{"error":"","error_description":""}', 'The token request failed: HTTP 503.', undefined],
  ['{"error":"","error_description":"Busy"}', 'The token request failed: HTTP 503: Busy.', undefined],
  ['{"error":"x","error_description":" "}', 'The token request failed: HTTP 503: x.', 'x'],
  ['{"error":"","detail":"Busy","errorCode":"E"}', 'The token request failed: HTTP 503: Busy.', 'E'],
])('an empty text in %j is left out', (body, detail, errorCode) => {
  expect(reply(503, body)).toMatchObject({ detail, errorCode });
});

test('its detail says which request failed, and its remedy speaks of the service account', () => {
  const error = reply(401, '{"error":"invalid_client","error_description":"No such\\nclient."}');
  expect(error.detail).toBe('The token request failed: HTTP 401: invalid_client: No such client.');
  expect(error.remedy).toMatch(/client id and the client secret of the service account/);
  expect(reply(429, '', { 'retry-after': '6' })).toMatchObject({
    retryAfterMs: 6000,
    remedy: expect.stringContaining('10 tokens a minute'),
  });
  expect(reply(400, '{"error":"invalid_request"}').remedy).toMatch(/atlas\.baseUrl/);
});
