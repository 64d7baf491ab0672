import { describe, expect, it } from 'vitest';
import { StateError } from '../../src/state/store.ts';
import { day, hour, minute, start } from '../state/sample-change.ts';
import {
  delivered,
  event,
  failed,
  gone,
  NotificationHarness,
  receiver,
  rejected,
  reminder,
} from './notification-harness.ts';

const second = 1_000;

async function running(settings = receiver): Promise<NotificationHarness> {
  const harness = new NotificationHarness(settings);
  await harness.run();
  return harness;
}

describe('a receiver of notifications', () => {
  it('gets every event of the log once, in order, and the cursor follows', async () => {
    const harness = await running();
    await harness.commit(event('a'), event('b'));
    await harness.commit(event('c'));
    expect(harness.sent).toEqual(['a', 'b', 'c']);
    expect(harness.sink.cursor).toBe(3);
    expect(harness.emitted).toEqual([]);
  });

  it('gets first what an earlier run has left in the log', async () => {
    const harness = await running();
    await harness.commit(event('a'), event('b'), event('c'));
    harness.sent.length = 0;
    await harness.run(1);
    expect(harness.sent).toEqual(['b', 'c']);
  });

  it('gets no line that is never stored', async () => {
    const harness = await running();
    harness.sink.offer([{ kind: 'passing', record: event('heartbeat') }]);
    await harness.settle();
    expect(harness.sent).toEqual([]);
  });

  it('gets an event that the state file cannot take, and gets it once', async () => {
    const harness = await running();
    const record = event('a');
    harness.sink.offer([{ kind: 'uncommitted', record }]);
    await harness.settle();
    expect(harness.sent).toEqual(['a']);
    await harness.commit(record);
    expect([harness.sent, harness.sink.cursor]).toEqual([['a'], 1]);
  });

  it('gets what is in memory while the log cannot be read, and the rest later', async () => {
    const harness = new NotificationHarness();
    harness.log.push({ position: 1, record: event('old') });
    harness.isLogReadable = false;
    await harness.run();
    harness.sink.offer([{ kind: 'uncommitted', record: event('new') }]);
    await harness.settle();
    expect(harness.sent).toEqual(['new']);
    harness.isLogReadable = true;
    await harness.pass(second);
    expect(harness.sent).toEqual(['new', 'old']);
  });

  it('stops the program with an error of the log that is a bug', async () => {
    const harness = await running();
    harness.context.log.eventsFrom = () => Promise.reject(new TypeError('a bug'));
    await expect(harness.run()).rejects.toThrow('a bug');
    expect(harness.faults[0]).not.toBeInstanceOf(StateError);
  });

  it('does not get events about itself', async () => {
    const harness = await running();
    await harness.commit(event('own', 0, { sink: 'on-call' }), event('other', 0, { sink: 'mail' }));
    expect(harness.sent).toEqual(['other']);
  });

  it('keeps the cursor before an event under way, and sends nothing else meanwhile', async () => {
    const harness = await running();
    const { promise, resolve } = Promise.withResolvers<typeof delivered>();
    const send = harness.sender.send;
    harness.sender.send = (record, known, signal) => {
      void send(record, known, signal);
      return promise;
    };
    await harness.commit(event('a'), event('b'));
    expect([harness.sent, harness.sink.cursor, harness.sink.delivered]).toEqual([['a'], 0, false]);
    resolve(delivered);
    await harness.settle();
    expect([harness.sent, harness.sink.cursor, harness.sink.delivered]).toEqual([['a', 'b'], 2, true]);
  });

  it('gets an event that the state file cannot take, and the one behind it, when the first is stored while it is sent', async () => {
    const harness = new NotificationHarness();
    harness.log.push({ position: 1, record: event('old') });
    harness.isLogReadable = false;
    await harness.run();
    const { promise, resolve } = Promise.withResolvers<typeof delivered>();
    const { send } = harness.sender;
    harness.sender.send = (record, known, signal) => {
      void send(record, known, signal);
      return harness.sent.length === 1 ? promise : Promise.resolve(delivered);
    };
    const [one, other] = [event('first'), event('second')];
    harness.sink.offer([
      { kind: 'uncommitted', record: one },
      { kind: 'uncommitted', record: other },
    ]);
    await harness.settle();
    harness.isLogReadable = true;
    await harness.commit(one);
    resolve(delivered);
    await harness.settle();
    await harness.commit(other);
    await harness.pass(second);
    expect(harness.sent).toContain('second');
    expect(new Set(harness.sent)).toEqual(new Set(['first', 'old', 'second']));
    expect(harness.sink.cursor).toBe(3);
  });

  it('leaves everything else its turn while it passes over a long log', async () => {
    const harness = new NotificationHarness({ ...receiver, events: ['watcher.unreachable'] });
    harness.log.push(
      ...Array.from({ length: 5_000 }, (_, n) => ({ position: n + 1, record: event(`e${n}`) })),
    );
    harness.sink.start({ position: 0 }, () => {});
    await harness.sink.deliver();
    await new Promise(setImmediate);
    expect(harness.sink.cursor).toBeLessThan(2_000);
    await harness.pass(second);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(harness.sink.cursor).toBe(5_000);
  });

  it('counts an attempt that a stop ends as not made', async () => {
    const harness = await running();
    const { promise, resolve } = Promise.withResolvers<typeof failed>();
    harness.sender.send = () => promise;
    await harness.commit(event('a'));
    harness.sink.stop();
    resolve(failed);
    await harness.settle();
    expect(harness.sink.delivery.failures).toBe(0);
  });
});

describe('an event that a receiver will not take', () => {
  it('is dropped with a report when it is rejected, and the next one is sent at once', async () => {
    const harness = await running();
    harness.answers = [rejected];
    await harness.commit(event('a'), event('b'));
    expect(harness.sent).toEqual(['a', 'b']);
    expect(harness.emitted).toMatchObject([
      { event: 'watcher.notification_dropped', reason: 'rejected', droppedEventId: 'a', dropped: 1 },
    ]);
  });

  it('is reported once a minute, however many there are', async () => {
    const harness = await running();
    harness.usual = rejected;
    await harness.commit(...Array.from({ length: 50 }, (_, n) => event(`e${n}`)));
    await harness.pass(minute);
    expect(harness.emitted.map(({ dropped }) => dropped)).toEqual([1, 49]);
    await harness.pass(hour);
    expect(harness.emitted).toHaveLength(2);
  });

  it('is not reported where it is about a receiver: two that reject everything would report for ever', async () => {
    const harness = await running();
    harness.usual = rejected;
    await harness.commit(event('about', 0, { sink: 'mail' }));
    expect(harness.emitted).toEqual([]);
  });

  it('is given up when attempts have failed for giveUpAfter; each later one is tried before it is', async () => {
    const harness = await running();
    harness.usual = failed;
    await harness.commit(event('a'), event('b', hour));
    await harness.pass(3 * day + 2 * hour);
    expect(harness.reports).toContain('watcher.notification_dropped HTTP 503 1');
    expect(harness.sent.filter((id) => id === 'b').length).toBeGreaterThan(0);
    await harness.commit(event('c', harness.now - start));
    harness.usual = delivered;
    harness.sent.length = 0;
    await harness.pass(hour);
    expect(harness.sent).toEqual(['c']);
  });

  it('is not given up by the first attempt after the machine was suspended: the network may not be up', async () => {
    const harness = await running();
    harness.usual = failed;
    await harness.commit(event('a'), event('b'));
    await harness.pass(minute);
    harness.now += 10 * day;
    await harness.settle();
    await harness.pass(second);
    expect(harness.reports).not.toContain('watcher.notification_dropped HTTP 503 1');
    harness.usual = delivered;
    harness.sent.length = 0;
    await harness.pass(hour);
    expect(harness.sent).toEqual(['a', 'b']);
  });

  it('that waited while the watcher was down is not given up untried', async () => {
    const harness = new NotificationHarness();
    harness.log.push({ position: 1, record: event('a') });
    harness.now = start + 10 * day;
    await harness.run();
    expect(harness.sent).toEqual(['a']);
  });
});

describe('a receiver that wants nothing any more', () => {
  it('gets nothing until a reload, and then all that waits', async () => {
    const harness = await running();
    harness.answers = [gone];
    await harness.commit(event('a'));
    expect(harness.emitted).toMatchObject([{ event: 'watcher.sink_unavailable', stopped: true }]);
    await harness.commit(event('b'));
    await harness.pass(2 * day);
    expect(harness.sent).toEqual(['a']);
    harness.sink.use(receiver, harness.sender);
    await harness.settle();
    expect(harness.sent).toEqual(['a', 'a', 'b']);
    expect(harness.reports.at(-1)).toBe('watcher.sink_recovered');
  });

  it('does not keep the log for ever: what waited for giveUpAfter is dropped with a report', async () => {
    const harness = await running();
    harness.answers = [gone];
    await harness.commit(event('a'));
    await harness.pass(3 * day + minute);
    expect(harness.reports.at(-1)).toBe('watcher.notification_dropped HTTP 410 1');
    expect([harness.sent, harness.sink.cursor]).toEqual([['a'], 1]);
  });
});

describe('reminders that wait', () => {
  it('are sent as the latest of one readiness only', async () => {
    const harness = await running();
    harness.answers = [failed];
    await harness.commit(event('first'));
    await harness.commit(reminder('r1'), event('x'), reminder('r2'), reminder('other', hour), reminder('r3'));
    await harness.pass(minute);
    expect(harness.sent).toEqual(['first', 'first', 'x', 'other', 'r3']);
    expect(harness.sink.cursor).toBe(6);
  });
});

describe('what waits', () => {
  it('is what the receiver wants, however much of it is in the log alone', async () => {
    const harness = await running({ ...receiver, level: 'error' });
    harness.usual = failed;
    const error = event('wanted', 0, { level: 'error' });
    await harness.commit(error, ...Array.from({ length: 1_500 }, (_, n) => event(`e${n}`)));
    expect(harness.sink.status.waiting).toBe(1);
    await harness.commit(event('another', 0, { level: 'error' }));
    expect(harness.sink.status.waiting).toBe(2);
    harness.usual = delivered;
    await harness.pass(minute);
    expect([harness.sink.status.waiting, harness.sent.at(-1)]).toEqual([0, 'another']);
  });

  it('is known from the start on', async () => {
    const harness = new NotificationHarness();
    harness.usual = failed;
    for (let position = 1; position <= 2_000; position += 1)
      harness.log.push({ position, record: event(`e${position}`) });
    await harness.run();
    await harness.pass(1);
    expect(harness.sink.status).toMatchObject({ waiting: 2_000, oldestAt: start });
  });
});

describe('the standing of a receiver', () => {
  it('says what waits, since when it fails, and what came back', async () => {
    const harness = await running();
    harness.usual = failed;
    await harness.commit(event('a'), event('b'));
    await harness.pass(second);
    expect(harness.sink.status).toEqual({
      name: 'on-call',
      type: 'webhook',
      state: 'failing',
      waiting: 2,
      oldestAt: start,
      failingSince: start,
      nextAttemptAt: start + 5 * second,
      lastAnswer: { at: start, text: 'HTTP 503', delivered: false },
    });
  });
});
