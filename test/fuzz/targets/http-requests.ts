import { connect } from 'node:net';
import type { ServerContext } from '../../../src/server/context.ts';
import { Counters } from '../../../src/server/counters.ts';
import { startHttpServer } from '../../../src/server/http-server.ts';
import { SseHub } from '../../../src/server/sse-hub.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { noSamples } from '../../../src/watch/migration/lag-samples.ts';
import { orders, start, targetOf } from '../../watch/sample-migrations.ts';
import { demand, type Target } from '../target.ts';

const paths = [
  '/livez',
  '/readyz',
  '/metrics',
  '/',
  '/assets/page.js',
  '/api/migrations?samples=3',
  '/api/migrations/orders/lag?since=30d&points=3',
  '/api/migrations/orders',
  '/api/migrations/ordres/lag?since=6h',
  '/api/migrations/orders/events?last=3',
  '/api/migrations/orders/report?format=md',
  '/api/events?after=1&limit=2',
  '/api/stream?after=x',
];
const eol = '\r\n';

/** Requests to the server, byte by byte: every one is answered or closed, none with an internal error. */
export const target: Target = {
  corpus: paths.map((path) => `GET ${path} HTTP/1.1${eol}Host: localhost${eol}Connection: close${eol}${eol}`),
  runs: [
    ['?a', '&a'],
    ['/', '/'],
    ['%', '%25'],
    ['X: ', `a${eol}X: `],
    ['/api/migrations/', 'q'],
  ],
  tokens: [
    [
      eol,
      '\n',
      '\0',
      ' ',
      '/',
      '//',
      '..',
      '%',
      '%00',
      '%2f',
      '%ff',
      '?',
      '&',
      '=',
      '#',
      ':',
      '\u00e9',
      'HEAD ',
    ],
    ['POST ', 'HTTP/1.0', 'HTTP/9.9', `Host: x${eol}`, `Content-Length: 5${eol}`, 'Last-Event-ID: 1', '-1'],
    [
      `Transfer-Encoding: chunked${eol}`,
      `Accept-Encoding: gzip;q=0, *${eol}`,
      `If-None-Match: W/"a", *${eol}`,
      `Accept: text/html${eol}Host: evil.example${eol}`,
      `Expect: 100-continue${eol}`,
      `Upgrade: websocket${eol}`,
      'since=',
      '1e9',
    ],
    ['http://evil.example/', '[::1]', '127.0.0.1', '__proto__', 'constructor', 'x'.repeat(100)],
  ].flat(),
  async open() {
    const faults: string[] = [];
    const store = openStore(':memory:');
    const server = await startHttpServer('127.0.0.1:0', contextWith(store, faults), new SseHub());
    const port = Number(new URL(server.origin).port);
    return {
      async run(input) {
        const answer = await exchange(port, Buffer.from(input));
        demand(answer === '' || /^HTTP\/1\.1 \d{3} /.test(answer), 'an answer is HTTP');
        demand(!/^HTTP\/1\.1 50[01] /.test(answer), 'no answer is an internal error');
        demand(faults.length === 0, `nothing is a fault of the server: ${faults.join()}`);
      },
      async close() {
        await server.close(0);
        await store.close();
      },
    };
  },
};

function contextWith(store: ServerContext['store'], faults: string[]): ServerContext {
  const snapshots = [orders, ...Array.from({ length: 300 }, (_, index) => targetOf(index))].map((each) => ({
    target: each,
    cadence: 'default' as const,
    samples: noSamples,
    latest: undefined,
    state: undefined,
  }));
  return {
    version: '1.2.3',
    startedAt: start,
    now: () => start,
    counters: new Counters(),
    store,
    watch: {
      settings: () => ({
        atlasUrl: 'https://cloud.mongodb.com',
        allowedHosts: [],
        title: undefined,
        credential: 'apiKey' as const,
        policyOf: () => ({
          windowMs: 120 * 3_600_000,
          unreachableAfterMs: 90_000,
          intervalsMs: { default: 30_000, approaching: 5_000 },
        }),
      }),
      snapshots: () => snapshots,
      openOutages: () => [],
      liveness: () => ({ alive: true }),
      status: () => ({ firstRoundDone: true, configCurrent: true, stateWritable: true }),
      role: () => ({ role: 'active' }),
      notifications: () => ({ receivers: [], pingTakenAt: undefined }),
    },
    redact: { event: (record) => record, data: (data) => data },
    warn: (sentence) => void faults.push(sentence),
  };
}

/** Sends the bytes, and resolves with the beginning of the answer; with nothing where the server waits for more. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString('latin1')));
    socket.once('close', () => end(''));
    socket.on('error', () => end(''));
    // The server closes a connection that was ended before its request was.
    socket.end(bytes);
  });
}
