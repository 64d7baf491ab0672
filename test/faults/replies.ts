import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Row, type Sees, turnsReady } from './row.ts';
import { outage } from './watched.ts';

/** A row whose fault is in the reply to a request that was well signed. */
export interface ReplyRow extends Row {
  readonly answer: (response: ServerResponse, request: IncomingMessage) => void;
  /** How many replies are faulty: usually as many as make an outage, and one more. */
  readonly times: number;
  /** Whether one good reply comes before them. */
  readonly seenBefore: boolean;
  /** How long Atlas asks to be left alone, in ms: the least and the most that lie between two requests. */
  readonly pauseMs?: readonly [least: number, most: number];
}

const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html' };
const page = (title: string): string =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
const error = (errorCode: string, more: object = {}): string => JSON.stringify({ errorCode, ...more });

function sends(status: number, body: string | Buffer, headers: Record<string, string> = json) {
  return ((response) => response.writeHead(status, headers).end(body)) satisfies ReplyRow['answer'];
}

type Extras = Partial<Omit<ReplyRow, 'sees'>>;

/** A row of the usual kind: seen, then in trouble until it counts as unreachable, and meanwhile it turns ready. */
function row(
  fault: string,
  covers: string,
  answer: ReplyRow['answer'],
  sees: Omit<Sees, 'exit'>,
  extras: Extras = {},
): ReplyRow {
  return {
    fault,
    covers: [covers],
    injected: 'one HTTP server, to signed requests for this migration',
    answer,
    times: 3,
    seenBefore: true,
    sees: outage(sees),
    keeps: turnsReady,
    recovers: 'watcher.recovered',
    ...extras,
  };
}

const nothingToDo = /Nothing to do here/;
const notAtlas = /baseUrl is Atlas itself and not a proxy or a login page/;
const ids = /Check the project \(group\) id and the live migration id/;
const lessOften = /Lower atlas\.requestsPerMinute or poll less often/;
const path = /network path to atlas\.baseUrl/;
const member = /role Organization Member/;

const bodies: readonly ReplyRow[] = [
  row('headers do not come', 'slow headers', () => {}, {
    errorType: 'timeout',
    detail: /No complete reply within 2 s/,
    remedy: path,
  }),
  row(
    'a body comes byte by byte, and never all of it',
    'slow body',
    (response) => {
      response.writeHead(200, json);
      const dripping = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(dripping));
    },
    { errorType: 'timeout', detail: /No complete reply within 2 s/, remedy: path },
  ),
  row(
    'the connection ends in the middle of the body',
    'half body',
    (response, request) => {
      response.writeHead(200, { ...json, 'content-length': '500' });
      response.write('{"status":"WORK', () => void request.socket.destroy());
    },
    { errorType: 'network', remedy: /resolve and reach the host/ },
  ),
  row('a login page', 'HTML', sends(200, page('Log in'), html), { errorType: 'bad_reply', remedy: notAtlas }),
  row('no body', 'empty', sends(200, ''), {
    errorType: 'bad_reply',
    detail: /The reply is empty/,
    remedy: notAtlas,
  }),
  row('a body of 2 MiB', '2 MiB', sends(200, `"${'x'.repeat(2 * 1024 * 1024)}"`), {
    errorType: 'bad_reply',
    detail: /larger than 1 MiB/,
    remedy: notAtlas,
  }),
  {
    ...row(
      'gzip that nobody asked for, which is no fault',
      'gzip',
      sends(200, gzipSync('{"status":"NEW","readyForCutover":false}'), {
        ...json,
        'content-encoding': 'gzip',
      }),
      {},
    ),
    sees: { exit: 0 },
    recovers: 'goes on: it is read like any other',
  },
  row(
    'a content coding that nobody asked for and that is not known',
    'gzip',
    sends(200, '{"status":"COMPLETE"}', { ...json, 'content-encoding': 'compress' }),
    { errorType: 'bad_reply', detail: /content coding that is not supported \(compress\)/, remedy: notAtlas },
  ),
  row('values of wrong types', 'wrong types', sends(200, '{"status":7,"readyForCutover":"yes"}'), {
    errorType: 'bad_reply',
    detail: /wrong type: status, readyForCutover/,
    remedy: notAtlas,
  }),
  row('another migration', 'wrong types', sends(200, `{"_id":"${'f'.repeat(24)}","status":"COMPLETE"}`), {
    errorType: 'bad_reply',
    detail: /about another live migration/,
    remedy: notAtlas,
  }),
  {
    ...row(
      'fields that are null, which is no fault',
      'null fields',
      sends(200, '{"status":"NEW","readyForCutover":null,"lagTimeSeconds":null,"migrationHosts":null}'),
      {},
    ),
    sees: { exit: 0 },
    recovers: 'goes on: it is read like any other',
  },
  row('a redirect', 'HTML', sends(301, '', { location: 'https://example.net/' }), {
    errorType: 'bad_reply',
    httpStatus: 301,
    remedy: /Set atlas\.baseUrl to the address that the reply redirects to/,
  }),
];

const statuses: readonly ReplyRow[] = [
  row('400', '400', sends(400, error('VALIDATION_ERROR')), {
    errorType: 'bad_reply',
    httpStatus: 400,
    errorCode: 'VALIDATION_ERROR',
    remedy: ids,
  }),
  row('402', '402', sends(402, error('ACCOUNT_SUSPENDED')), {
    errorType: 'billing',
    httpStatus: 402,
    remedy: /Settle the open invoice/,
  }),
  row(
    '403 for the address of this machine',
    '403',
    sends(403, error('IP_ADDRESS_NOT_ON_ACCESS_LIST', { parameters: ['203.0.113.9'] })),
    { errorType: 'forbidden', httpStatus: 403, remedy: /Add 203\.0\.113\.9 to the API access list/ },
  ),
  row('403 for the role', '403', sends(403, error('ACCESS_FORBIDDEN')), {
    errorType: 'forbidden',
    errorCode: 'ACCESS_FORBIDDEN',
    remedy: member,
  }),
  row(
    '404 before it was ever seen',
    '404',
    sends(404, error('RESOURCE_NOT_FOUND')),
    {
      errorType: 'not_found',
      httpStatus: 404,
      remedy: /An organization id in place .* Only push migrations/,
    },
    { seenBefore: false, keeps: ['migration.ready_for_cutover'] },
  ),
  {
    ...row('404 once after it was seen', '404', sends(404, error('RESOURCE_NOT_FOUND')), {}, { times: 1 }),
    sees: {
      event: 'watcher.poll_failed',
      errorType: 'not_found',
      remedy: /If Atlas answers nothing but 404 for ten minutes/,
      exit: 0,
    },
    recovers: 'goes on: one 404 is not believed',
  },
  row('404 for a while after it was seen', '404', sends(404, error('RESOURCE_NOT_FOUND')), {
    errorType: 'not_found',
    httpStatus: 404,
    remedy: /It was there before: it may have been canceled/,
  }),
  row('406', '406', sends(406, error('INVALID_VERSION')), {
    errorType: 'api_version',
    httpStatus: 406,
    remedy: /Set atlas\.apiVersion to the other version/,
  }),
  row('410', '410', sends(410, error('VERSION_GONE')), {
    errorType: 'api_version',
    httpStatus: 410,
    remedy: /Set atlas\.apiVersion to the other version/,
  }),
  row('500 in plain text', '500', sends(500, 'Server Error', {}), {
    errorType: 'server_error',
    httpStatus: 500,
    remedy: nothingToDo,
  }),
  row('502 of a gateway', '502', sends(502, page('502 Bad Gateway'), html), {
    errorType: 'server_error',
    httpStatus: 502,
    detail: /502 Bad Gateway/,
    remedy: nothingToDo,
  }),
  row('503 with its page', '503', sends(503, page('MongoDB Cloud Manager Unavailable'), html), {
    errorType: 'server_error',
    httpStatus: 503,
    detail: /Cloud Manager Unavailable/,
    remedy: nothingToDo,
  }),
  row(
    '503 with a Retry-After',
    '503',
    sends(503, '', { 'retry-after': '2' }),
    { errorType: 'server_error', httpStatus: 503, remedy: nothingToDo },
    { times: 2, pauseMs: [1_950, 9_000] },
  ),
  row('504 of a gateway', '504', sends(504, ''), {
    errorType: 'server_error',
    httpStatus: 504,
    remedy: nothingToDo,
  }),
];

const limited = (how: string, covers: string, headers: () => Record<string, string>, extras: Extras = {}) =>
  row(
    `429 with ${how}`,
    covers,
    (response) => response.writeHead(429, { ...json, ...headers() }).end(error('RATE_LIMITED')),
    { errorType: 'rate_limited', httpStatus: 429, errorCode: 'RATE_LIMITED', remedy: lessOften },
    extras,
  );

/** The longest pause that the configuration believes in. */
export const longestPauseMs = 2_000;

const limits: readonly ReplyRow[] = [
  limited('seconds to wait', '429 seconds', () => ({ 'retry-after': '2' }), {
    times: 2,
    pauseMs: [1_950, 9_000],
  }),
  limited(
    'a date to wait for',
    '429 HTTP date',
    () => ({ 'retry-after': new Date(Date.now() + 2_900).toUTCString() }),
    { times: 2, pauseMs: [1_850, 9_000] },
  ),
  limited('no word of waiting', '429 absent', () => ({})),
  limited('three years to wait', '429 absurd', () => ({ 'retry-after': '99999999' }), {
    times: 2,
    pauseMs: [longestPauseMs - 50, 9_000],
  }),
  limited('a wait that cannot be read', '429 absurd', () => ({ 'retry-after': 'in a while, crocodile' })),
];

export const replyRows: readonly ReplyRow[] = [...bodies, ...statuses, ...limits];
