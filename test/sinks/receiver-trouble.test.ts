import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { day, hour, minute, start } from '../state/sample-change.ts';
import { event, NotificationHarness } from './notification-harness.ts';
import { openSender, sinkSettings, startReceiver } from './receivers.ts';

const second = 1_000;

/** A receiver with a real connection to what the test answers, and a clock that the test moves. */
async function setting(answer: (response: ServerResponse) => void, url?: string) {
  const state = { answer };
  const { baseUrl, received } = await startReceiver((response) => state.answer(response));
  const settings = sinkSettings('webhook', {
    keys: [],
    url: url ?? `${baseUrl}/hook`,
    timeout: 500,
    giveUpAfter: 3 * day,
  });
  const harness = new NotificationHarness(settings);
  const sender = openSender(settings);
  harness.sender.send = (record, known, signal) => {
    harness.sent.push(String(record.eventId));
    return sender.send(record, known, signal);
  };
  await harness.run();
  const attempted = () => expect.poll(() => harness.sink.delivered).toBe(true);
  return {
    state,
    harness,
    received,
    /** Commits events, and waits for the attempts that follow. */
    commit: async (...ids: readonly string[]) => {
      await harness.commit(...ids.map((id) => event(id, harness.now - start)));
      await attempted();
    },
    /** Lets the time pass in which the next attempts are made. */
    pass: async (ms: number) => {
      const end = harness.now + ms;
      while (harness.now < end) {
        const { nextAttemptAt = 0 } = harness.sink.delivery;
        const until = nextAttemptAt > harness.now ? Math.min(nextAttemptAt, end) : end;
        await harness.pass(until - harness.now);
        await attempted();
      }
    },
    lines: () => harness.emitted.map(({ level, msg }) => `${level} ${msg.replaceAll(/:\d{4,5}/g, ':PORT')}`),
  };
}

interface Row {
  readonly trouble: string;
  readonly answer: (response: ServerResponse) => void;
  readonly url?: string;
  /** What people see within ten minutes. */
  readonly lines: readonly string[];
  /** What arrives once the receiver is well again. */
  readonly later: readonly string[];
}

const since = 'Notifications to on-call have not arrived since Mon 23 Nov 23:00 UTC';
const again = 'It is tried again; nothing is lost meanwhile.';
const closed =
  'The request failed: the server closed the connection before the reply was complete (UND_ERR_SOCKET).';
const reach =
  'Check that this machine reaches 127.0.0.1:PORT, and through which proxy (HTTPS_PROXY, NO_PROXY).';
const tooLarge =
  'error migration.hosts_changed of orders will not reach on-call: the receiver rejected it (HTTP 413). The receiver will not take this event, so the next ones are sent. Look into the log of the receiver for what is wrong with it.';
const wait = 'Wait, or look into the log of the receiver.';

const rows: readonly Row[] = [
  {
    trouble: 'a receiver that hangs',
    answer: () => {},

    lines: [
      `error ${since}: No complete reply within 0.5 s. Check whether 127.0.0.1:PORT answers. If it is only slow, raise timeout. ${again}`,
    ],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one that closes the connection before its reply',
    answer: (response) => response.socket?.destroy(),

    lines: [`error ${since}: ${closed} ${reach} ${again}`],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one that closes it half-way in the head of its reply',
    answer: (response) => response.socket?.end('HTTP/1.1 20'),

    lines: [`error ${since}: ${closed} ${reach} ${again}`],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one that closes it half-way in the body of a refusal',
    answer: (response) => {
      response.writeHead(503, { 'content-length': 100 });
      response.write('half');
      setImmediate(() => response.socket?.destroy());
    },

    lines: [`error ${since}: HTTP 503: half. ${wait} ${again}`],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one that sends people elsewhere (301)',
    answer: (response) => response.writeHead(301, { location: 'https://elsewhere.example.com/' }).end(),

    lines: [
      `error ${since}: HTTP 301. The address leads to another one, which is not followed. Give the final address. ${again}`,
    ],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one that refuses the key (401)',
    answer: (response) => response.writeHead(401).end('no such key'),

    lines: [
      `error ${since}: HTTP 401: no such key. Check the address, the key in secretFile, and whether the receiver lets this machine in. ${again}`,
    ],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one that wants nothing any more (410)',
    answer: (response) => response.writeHead(410).end(),

    lines: [
      'error Notifications to on-call have stopped: HTTP 410. The receiver wants nothing any more. Give another address, or remove it. Then reload the configuration: until then nothing is sent there. Events wait until then.',
    ],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one that finds the event too large (413)',
    answer: (response) => response.writeHead(413).end(),

    lines: [tooLarge, tooLarge],
    later: ['c'],
  },
  {
    trouble: 'one that is broken (500)',
    answer: (response) => response.writeHead(500).end('<h1>Oops</h1>'),

    lines: [`error ${since}: HTTP 500: <h1>Oops</h1>. ${wait} ${again}`],
    later: ['a', 'b', 'c'],
  },
  {
    trouble: 'one whose name cannot be resolved',
    answer: () => {},
    url: 'http://no-such-host.invalid/hook',
    lines: [expect.stringMatching(/no-such-host\.invalid (?:does not exist|could not be looked up)/)],
    later: [],
  },
];

test.each(rows)(
  '$trouble: people see what it is, and nothing is lost that the receiver would take',
  async (row) => {
    const { harness, state, commit, pass, lines } = await setting(row.answer, row.url);
    await commit('a', 'b');
    await pass(10 * minute);
    expect(lines()).toEqual(row.lines);
    if (row.url !== undefined) return;
    state.answer = (response) => response.writeHead(204).end();
    harness.sent.length = 0;
    harness.sink.use(harness.settings, harness.sender);
    await commit('c');
    await pass(hour);
    expect(harness.sent).toEqual(row.later);
  },
);

test.each([
  ['in seconds', () => '120'],
  ['as a date', () => new Date(start + 120 * second).toUTCString()],
])(
  'a receiver that asks to wait, %s, gets the event when that is over and not before',
  async (_form, value) => {
    const { harness, state, commit, pass, received } = await setting((response) =>
      response.writeHead(429, { 'retry-after': value() }).end(),
    );
    await commit('a');
    await pass(119 * second);
    expect(received).toHaveLength(1);
    state.answer = (response) => response.writeHead(204).end();
    await pass(second);
    expect([received.length, harness.emitted]).toEqual([2, []]);
  },
);

test('a receiver that answers 500 for three days: one report, a drop for each event that is older, and the rest arrives', async () => {
  const { harness, state, commit, pass, received, lines } = await setting((response) =>
    response.writeHead(500).end(),
  );
  await commit('old');
  await pass(day);
  await commit('younger');
  await pass(2 * day + hour);
  // Some 80 attempts in three days are not many.
  expect(received.length).toBeLessThan(110);
  state.answer = (response) => response.writeHead(204).end();
  harness.sent.length = 0;
  await pass(hour);
  expect(harness.sent).toEqual(['younger']);
  expect(lines()).toEqual([
    `error ${since}: HTTP 500. ${wait} ${again}`,
    `error migration.hosts_changed of orders will not reach on-call: it was tried for too long (HTTP 500). ${wait}`,
    'info Notifications to on-call arrive again after 3 d 1 h.',
  ]);
});
