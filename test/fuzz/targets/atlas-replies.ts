import type { Authenticator } from '../../../src/atlas/authenticator.ts';
import { createAtlasClient } from '../../../src/atlas/client.ts';
import type { HttpReply, Transport } from '../../../src/atlas/transport.ts';
import { createEmitter } from '../../../src/events/emitter.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { applyPoll } from '../../../src/watch/migration/apply-poll.ts';
import { noSamples } from '../../../src/watch/migration/lag-samples.ts';
import { minute, orders, play, policy, start } from '../../watch/sample-migrations.ts';
import { demand, type Target } from '../target.ts';

const body = {
  _id: orders.liveMigrationId,
  status: 'WORKING',
  readyForCutover: true,
  lagTimeSeconds: 3,
  migrationHosts: ['host.example'],
};
const refusal = { error: 401, errorCode: 'NOT_ATLAS_USER', detail: 'Not allowed.', parameters: ['10.0.0.1'] };

/** Replies of Atlas, as a status, headers and a body: a reading or an error, and events that are lines of a log. */
export const target: Target = {
  corpus: [
    `200\n\n${JSON.stringify(body)}`,
    `200\nsunset: Tue, 01 Dec 2026 00:00:00 GMT\nratelimit-remaining: 7\n\n${JSON.stringify(body, undefined, 2)}`,
    `401\nwww-authenticate: Digest realm="x", nonce="y"\n\n${JSON.stringify(refusal)}`,
    `403\n\n${JSON.stringify({ ...refusal, error: 403, errorCode: 'IP_ADDRESS_NOT_ON_ACCESS_LIST' })}`,
    `429\nretry-after: 20\n\n{}`,
    `503\nretry-after: Tue, 01 Dec 2026 00:00:00 GMT\n\n<html>down</html>`,
  ],
  runs: [
    ['[', '['],
    ['{"a":', '{"a":'],
    ['"', '\\u0000'],
    ['10.', '1.'],
    ['www.', '@'],
    [' ', ' '],
    ['\u200b', '\u200b'],
  ],
  tokens: [
    [
      'null',
      'true',
      '-1',
      '1e999',
      '1e-7',
      '0.1',
      '"COMPLETE"',
      '"FAILED"',
      '[]',
      '{}',
      '[',
      '{',
      '"',
      '\\u0000',
    ],
    [
      '\\ud800',
      '\u202e',
      '\u001b[2J',
      '\n',
      'retry-after: -1',
      'sunset: x',
      '__proto__',
      '"constructor"',
      '404',
    ],
    [
      '"status":',
      '"migrationHosts":',
      '"lagTimeSeconds":',
      '"detail":',
      'Authorization: Basic ',
      '\ud800',
      '9',
    ],
  ].flat(),
  open() {
    let reply: HttpReply = { status: 200, headers: {}, body: '' };
    const transport: Transport = {
      get: async () => reply,
      postForm: async () => reply,
      post: async () => reply,
      close: async () => {},
    };
    const authenticator: Authenticator = {
      credential: 'apiKey',
      perform: (_request, send) => send(undefined),
    };
    const client = createAtlasClient({ transport, authenticator, now: () => start, random: () => 0.5 });
    const retry = { attempts: 1, minDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0 };
    const request = { apiVersion: 'v1.0', pollTimeoutMs: 10_000, retry } as const;
    const { state: known } = play([{ status: 'WORKING', readyForCutover: false, lagTimeSeconds: 900 }]);
    const lines: string[] = [];
    const output = { write: (line: string) => lines.push(line) > 0 };
    const emit = createEmitter({ output, format: 'json', level: 'debug', redactor: new Redactor() });
    return {
      async run(input) {
        reply = replyOf(input);
        const result = await client.readMigration(orders, request, { signal: AbortSignal.timeout(60_000) });
        demand(result.ok || result.error.kind !== 'internal', 'no reply is a fault of the program');
        lines.length = 0;
        for (const state of [undefined, known]) {
          const now = start + 2 * minute;
          const before = {
            state,
            samples: noSamples,
            cadence: 'default',
            startedAt: now - 1_000,
            now,
          } as const;
          const context = {
            ...before,
            target: orders,
            resumed: false,
            intervalMs: minute,
            isNotFoundShared: false,
          };
          for (const event of applyPoll(context, result, policy).events) emit(event);
        }
        for (const line of lines) {
          demand(Buffer.byteLength(line) <= 8_192, 'a line has at most 8 KiB');
          demand(!/[\p{Cc}\p{Cf}\p{Cs}]/u.test(line.trimEnd()), 'a line holds no control character');
          JSON.parse(line);
        }
      },
    };
  },
};

function replyOf(input: string): HttpReply {
  const [head = '', ...rest] = input.split('\n\n');
  const [status = '', ...lines] = head.split('\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split(':');
      return [name.toLowerCase(), value.join(':').trim()];
    }),
  );
  return { status: Number.parseInt(status, 10) || 200, headers, body: rest.join('\n\n') };
}
