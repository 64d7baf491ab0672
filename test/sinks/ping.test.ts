import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { failureUrl, Ping, type PingFacts, type PingMessage, pingMessage } from '../../src/sinks/ping.ts';
import type { SinkStatus } from '../../src/sinks/sink-status.ts';
import { minute, start } from '../state/sample-change.ts';
import { delivered, failed } from './notification-harness.ts';

const url = 'https://hc-ping.com/0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9';
const well: PingFacts = {
  stuckLoop: undefined,
  isReading: true,
  sinks: [],
  headline: 'Nothing is ready for cutover.',
};
const stuck: SinkStatus = {
  name: 'on-call',
  type: 'webhook',
  state: 'failing',
  waiting: 1,
  failingSince: start,
};

describe('the message of the ping', () => {
  it('is the headline while all is well', () => {
    expect(pingMessage(url, well, start)).toEqual({ url, body: 'Nothing is ready for cutover.' });
  });

  it.each<[string, Partial<PingFacts>, string]>([
    [
      'the poll loop is stuck',
      { stuckLoop: 'The scheduler has been stuck.' },
      'The scheduler has been stuck.',
    ],
    ['nothing was read', { isReading: false }, 'No migration has been read for three intervals.'],
    ['a receiver is stuck', { sinks: [stuck] }, 'Notifications to on-call do not arrive.'],
  ])('is a failure with its reason while %s', (_name, facts, reason) => {
    expect(pingMessage(url, { ...well, ...facts }, start + 15 * minute)).toEqual({
      url: `${url}/fail`,
      body: `${reason} Nothing is ready for cutover.`,
    });
  });

  it('is none before it is known whether Atlas can be read: a restart is no failure', () => {
    expect(pingMessage(url, { ...well, isReading: undefined }, start)).toBeUndefined();
  });

  it('is none where all is not well and the service has no address for failures', () => {
    const push = 'https://kuma.example.com/api/push/token1?status=up';
    expect(pingMessage(push, { ...well, isReading: false }, start)).toBeUndefined();
  });

  it('is not stopped by a receiver that fails for less than 15 minutes, or that nothing waits for', () => {
    expect(pingMessage(url, { ...well, sinks: [stuck] }, start + 15 * minute - 1)?.url).toBe(url);
    const idle = { ...stuck, waiting: 0 };
    expect(pingMessage(url, { ...well, sinks: [idle] }, start + 60 * minute)?.url).toBe(url);
  });
});

describe('the address for failures', () => {
  it.each([
    [url, `${url}/fail`],
    [`${url}/`, `${url}/fail`],
    [`${url}?rid=1`, `${url}/fail?rid=1`],
    [
      'https://checks.example.com/ping/0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9',
      'https://checks.example.com/ping/0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9/fail',
    ],
    [
      'https://hc-ping.com/a2V5a2V5a2V5a2V5a2V5a2/atlas',
      'https://hc-ping.com/a2V5a2V5a2V5a2V5a2V5a2/atlas/fail',
    ],
    ['https://checks.example.com/ping/key/atlas', 'https://checks.example.com/ping/key/atlas/fail'],
    ['https://kuma.example.com/api/push/token1', undefined],
    ['https://gatus.example.com/api/v1/endpoints/core_atlas/external?success=true', undefined],
    ['https://example.com/', undefined],
  ])('of %s is %s', (address, failure) => {
    expect(failureUrl(address)).toBe(failure);
  });
});

/** A ping whose service answers as the test says, and a clock that the test moves. */
function setting(facts: PingFacts = well) {
  const set = {
    now: start,
    facts,
    looks: 0,
    answer: delivered,
    sent: [] as PingMessage[],
    emitted: [] as EventRecord[],
    closed: false,
  };
  const ping = new Ping({
    settings: { url, token: undefined, every: minute, proxy: undefined },
    sender: {
      send: (message) => {
        set.sent.push(message);
        return Promise.resolve(set.answer);
      },
      close: () => {
        set.closed = true;
        return Promise.resolve();
      },
    },
    facts: () => {
      set.looks += 1;
      return set.facts;
    },
    emit: (record) => void set.emitted.push(record),
    now: () => set.now,
    monotonic: () => set.now,
  });
  const run = async (ms: number): Promise<void> => {
    for (const end = set.now + ms; set.now < end; set.now += 1_000) await ping.tick();
  };
  return { set, ping, run };
}

describe('the ping', () => {
  it('is sent at once and then once in its time, however often the loop wakes', async () => {
    const { set, run } = setting();
    await run(5 * minute);
    expect(set.sent).toHaveLength(5);
  });

  it('is a failure within its time after something is wrong, and a ping again within its time after that', async () => {
    const { set, run } = setting();
    await run(minute / 2);
    set.facts = { ...well, isReading: false };
    await run(minute);
    expect(set.sent.at(-1)?.url).toBe(`${url}/fail`);
    set.facts = well;
    await run(minute);
    expect(set.sent.at(-1)?.url).toBe(url);
  });

  it('is reported when five in a row were not taken, once, and when one is taken again', async () => {
    const { set, run } = setting();
    set.answer = failed;
    await run(4 * minute);
    expect(set.emitted).toEqual([]);
    await run(10 * minute);
    expect(set.emitted).toMatchObject([
      { event: 'watcher.ping_failed', failures: 5, answer: 'HTTP 503', since: '2026-11-23T23:00:00.000Z' },
    ]);
    set.answer = delivered;
    await run(2 * minute);
    expect(set.emitted.slice(1)).toMatchObject([{ event: 'watcher.ping_recovered', downSeconds: 840 }]);
  });

  it('is sent as soon as it is known that all is well', async () => {
    const { set, run } = setting({ ...well, isReading: undefined });
    await run(5_000);
    set.facts = well;
    await run(1_000);
    expect(set.sent).toHaveLength(1);
  });

  it('is decided twice a second at most, also while none is sent: the loop may wake for every poll', async () => {
    const { set, ping } = setting({ ...well, isReading: undefined });
    for (const end = set.now + 10_000; set.now < end; set.now += 10) await ping.tick();
    expect(set.looks).toBe(20);
  });

  it('has one request under way', async () => {
    const { set, ping } = setting();
    void ping.tick();
    set.now += 10 * minute;
    await ping.tick();
    expect(set.sent).toHaveLength(1);
  });

  it('sends nothing when it is closed, so that a stopped watcher raises the alarm', async () => {
    const { set, ping } = setting();
    await ping.close();
    expect([set.sent, set.closed]).toEqual([[], true]);
  });
});

/** The alarm of healthchecks: no ping within period and grace, or a failure, raises it; a ping ends it. */
function alarmAt({ set }: ReturnType<typeof setting>, pingedAt: ReadonlyMap<PingMessage, number>): boolean {
  const last = set.sent.at(-1);
  if (last === undefined || last.url.endsWith('/fail')) return last !== undefined;
  return set.now - (pingedAt.get(last) ?? 0) > minute + 20_000;
}

/** Runs for this long, in ms, and returns after how many ms the service raised its alarm; undefined if it did not. */
async function watch(watched: ReturnType<typeof setting>, ms: number, isRunning = true) {
  const pingedAt = new Map<PingMessage, number>();
  const { set, run } = watched;
  for (const message of set.sent) pingedAt.set(message, set.now);
  for (let passed = 0; passed < ms; passed += 1_000) {
    if (isRunning) await run(1_000);
    else set.now += 1_000;
    for (const message of set.sent) if (!pingedAt.has(message)) pingedAt.set(message, set.now);
    if (alarmAt(watched, pingedAt)) return passed + 1_000;
  }
  return undefined;
}

describe('the alarm of a service that expects the ping', () => {
  it('stays silent while all is well', async () => {
    expect(await watch(setting(), 30 * minute)).toBeUndefined();
  });

  it.each<[string, Partial<PingFacts>]>([
    ['Atlas is unread for three intervals', { isReading: false }],
    ['a receiver is stuck', { sinks: [{ ...stuck, failingSince: start - 15 * minute }] }],
    ['a poll hangs', { stuckLoop: 'A poll has been running for 200 s.' }],
  ])('comes within 90 s when %s', async (_name, facts) => {
    const watched = setting();
    await watched.run(10_000);
    watched.set.facts = { ...well, ...facts };
    expect(await watch(watched, 5 * minute)).toBeLessThanOrEqual(90_000);
  });

  it('comes within 90 s when the loop is blocked, and when the watcher is stopped and forgotten', async () => {
    const blocked = setting();
    await blocked.run(10_000);
    expect(await watch(blocked, 5 * minute, false)).toBeLessThanOrEqual(90_000);
    const stopped = setting();
    await stopped.run(10_000);
    await stopped.ping.close();
    expect(await watch(stopped, 5 * minute, false)).toBeLessThanOrEqual(90_000);
  });

  it('does not come for an outage of a receiver that is shorter than 15 minutes', async () => {
    const watched = setting({ ...well, sinks: [stuck] });
    expect(await watch(watched, 14 * minute)).toBeUndefined();
  });
});
