import { assert, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyReply, findCallerAddress } from '../../src/atlas/classify-reply.ts';
import { type ErrorKind, errorKinds } from '../../src/atlas/error-kind.ts';
import { remedyFor } from '../../src/atlas/remedy.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const UNAVAILABLE =
  '<html><head><TITLE>MongoDB Cloud Manager\n Unavailable</TITLE></head><body>Sorry</body></html>';

function classify(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return classifyReply(
    { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    NOW,
  );
}

describe('a reply other than 200', () => {
  test.each([
    ['the JSON of Atlas', { error: 404, errorCode: 'RESOURCE_NOT_FOUND' }, 'not_found'],
    ['the number of Atlas alone', { error: 404, reason: 'Not Found' }, 'not_found'],
    ['the word of Atlas alone', { errorCode: 'GROUP_NOT_FOUND' }, 'not_found'],
    ['nothing', '', 'bad_reply'],
    ['JSON of something between', { message: 'no Route matched', detail: 'Not Found' }, 'bad_reply'],
    ['JSON that is no object', 'null', 'bad_reply'],
    ['a page of something between', '<html><title>404 Not Found</title></html>', 'bad_reply'],
  ])('of status 404 with %s', (_, body, kind) => {
    expect(classify(404, body)).toMatchObject({ kind, httpStatus: 404 });
  });

  test('of an unknown project speaks of the project alone', () => {
    const { remedy } = classify(404, { error: 404, errorCode: 'GROUP_NOT_FOUND' });
    expect(remedy).toBe(
      'Check the project (group) id. An organization id in place of the project id gives the same answer.',
    );
  });

  test.each<[number, ErrorKind, RegExp]>([
    [204, 'bad_reply', /baseUrl/],
    [301, 'bad_reply', /redirect/],
    [308, 'bad_reply', /redirect/],
    [400, 'bad_reply', /project \(group\) id/],
    [401, 'unauthorized', /private key/],
    [402, 'billing', /invoice/],
    [403, 'forbidden', /Organization Member/],
    [
      404,
      'not_found',
      /organization id in place.*Only push migrations.*\(pull\) has no API.*mongosync-insights/,
    ],
    [405, 'bad_reply', /proxy/],
    [406, 'api_version', /apiVersion/],
    [408, 'timeout', /requestTimeout/],
    [410, 'api_version', /apiVersion/],
    [429, 'rate_limited', /requestsPerMinute/],
    [500, 'server_error', /status\.mongodb\.com/],
    [502, 'server_error', /polling continues/],
    [503, 'server_error', /polling continues/],
    [504, 'server_error', /polling continues/],
  ])('of status %i is %s, with its remedy', (status, kind, remedy) => {
    const error = classify(status, { error: status, errorCode: 'UNEXPECTED_ERROR', detail: 'Said so.' });
    expect(error).toMatchObject({
      kind,
      httpStatus: status,
      errorCode: 'UNEXPECTED_ERROR',
      detail: `HTTP ${status}: Said so.`,
      message: `HTTP ${status}: Said so.`,
    });
    expect(error.remedy).toMatch(remedy);
  });

  test.each(['IP_ADDRESS_NOT_ON_ACCESS_LIST', 'IP_ADDRESS_NOT_ON_WHITELIST'])(
    'of status 403 with %s names the access list as the remedy',
    (errorCode) => {
      expect(classify(403, { errorCode }).remedy).toMatch(
        /Add this machine's address to the API access list/,
      );
    },
  );

  test.each<[string, unknown, Readonly<Record<string, unknown>>]>([
    ['an HTML page', UNAVAILABLE, { detail: 'HTTP 503: MongoDB Cloud Manager Unavailable.' }],
    ['plain text', 'Server Error', { detail: 'HTTP 503.', errorCode: undefined }],
    ['nothing', '', { detail: 'HTTP 503.' }],
    ['JSON that is no object', '[1]', { detail: 'HTTP 503.' }],
    ['JSON null', 'null', { detail: 'HTTP 503.' }],
    ['half of a JSON object', '{"detail":"x', { detail: 'HTTP 503.' }],
    ['the reason alone', { reason: 'Service Unavailable' }, { detail: 'HTTP 503: Service Unavailable.' }],
    [
      'fields of wrong types beside good ones',
      { error: 'x', errorCode: 7, detail: null, reason: 'Busy', parameters: [1, null, 'a'] },
      { detail: 'HTTP 503: Busy.', errorCode: undefined },
    ],
    ['an empty detail', { detail: '', errorCode: ' ' }, { detail: 'HTTP 503.', errorCode: undefined }],
    ['an empty detail beside a reason', { detail: ' \n', reason: 'Busy' }, { detail: 'HTTP 503: Busy.' }],
    ['a detail of punctuation', { detail: '.', reason: '\u200B' }, { detail: 'HTTP 503.' }],
    ['an empty title', '<title> </title>', { detail: 'HTTP 503.' }],
    ['control characters', { detail: 'a\u001B[2J\nb' }, { detail: 'HTTP 503: a [2J b.' }],
  ])('with %s as its body is classified by its status', (_, body, expected) => {
    expect(classify(503, body)).toMatchObject({ kind: 'server_error', httpStatus: 503, ...expected });
  });

  test('of great length is cut and marked', () => {
    const error = classify(500, { detail: 'x'.repeat(9000), errorCode: 'E'.repeat(9000) });
    expect(error.detail).toHaveLength('HTTP 500: '.length + 300 + '.'.length);
    expect(error.detail).toMatch(/… \[cut\]\.$/);
    expect(error.errorCode).toHaveLength(100);
  });

  test.each([
    ['20', 20_000],
    ['Mon, 23 Nov 2026 12:00:05 GMT', 5000],
    ['whenever', undefined],
  ])('with Retry-After %j carries %j ms', (value, retryAfterMs) => {
    expect(classify(429, {}, { 'retry-after': value }).retryAfterMs).toBe(retryAfterMs);
    expect(classify(503, {}, { 'retry-after': value }).retryAfterMs).toBe(retryAfterMs);
  });

  test('that rejects only the nonce is a fault of the server and not of the key', () => {
    const headers = { 'www-authenticate': 'Digest nonce="n", stale=true' };
    const remedy = expect.stringMatching('The key is valid, but Atlas rejected every nonce as stale.');
    expect(classify(401, {}, headers)).toMatchObject({ kind: 'server_error', httpStatus: 401, remedy });
    expect(classify(403, {}, headers)).toMatchObject({ kind: 'forbidden' });
    expect(classify(401, {})).toMatchObject({ kind: 'unauthorized' });
  });

  test('of any status and body is classified without a fault', () => {
    assert(
      property(integer({ min: 100, max: 999 }), string({ unit: 'binary' }), (status, body) => {
        const error = classify(status, body);
        expect(errorKinds).toContain(error.kind);
        expect(error.httpStatus).toBe(status);
      }),
    );
  });
});

test('every kind of fault has a remedy in whole sentences', () => {
  for (const kind of errorKinds) expect(remedyFor({ kind })).toMatch(/^[A-Z].{20,}\.$/);
});

test.each<[readonly unknown[], string, string | undefined]>([
  [['203.0.113.7'], '', '203.0.113.7'],
  [[null, 42, '203.0.113.7/32'], 'x', '203.0.113.7'],
  [[], 'IP address 203.0.113.7 is not allowed to access this resource.', '203.0.113.7'],
  [[], 'Not on the access list: 203.0.113.7.', '203.0.113.7'],
  [['2001:db8::7'], '', '2001:db8::7'],
  [[], 'The address [2001:DB8::7] is unknown.', '2001:DB8::7'],
  [['5f7f5f5f5f5f5f5f5f5f5f5f'], 'at 12:30:15, version 1.0, 999.1.1.1, note: x', undefined],
  [[], '', undefined],
])('of %j and %j the caller is %s', (parameters, detail, address) => {
  expect(findCallerAddress(parameters, detail)).toBe(address);
});

function remedyOf(body: object, credential?: 'serviceAccount'): string {
  const reply = { status: 403, headers: {}, body: JSON.stringify(body) };
  return classifyReply(reply, 0, credential).remedy;
}

test('a 403 for the address says which address to add where', () => {
  const body = { errorCode: 'IP_ADDRESS_NOT_ON_ACCESS_LIST', parameters: ['203.0.113.7'] };
  expect(remedyOf(body)).toBe(
    'Add 203.0.113.7 to the API access list of the key (Organization Access, API Keys, the key, Edit).',
  );
  expect(remedyOf(body, 'serviceAccount')).toBe(
    'Add 203.0.113.7 to the API access list of the service account (Organization Access, Applications, the service account).',
  );
  expect(remedyOf({ errorCode: 'IP_ADDRESS_NOT_ON_WHITELIST' })).toMatch(/^Add this machine's address to /);
  expect(remedyOf({ errorCode: 'ACCESS_FORBIDDEN', parameters: ['203.0.113.7'] })).toMatch(/^Give the key/);
});
