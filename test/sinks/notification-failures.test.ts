import { describe, expect, it } from 'vitest';
import { day, hour, minute, start } from '../state/sample-change.ts';
import {
  delivered,
  event,
  failed,
  gone,
  NotificationHarness,
  receiver,
  refused,
} from './notification-harness.ts';

const second = 1_000;

async function running(settings = receiver): Promise<NotificationHarness> {
  const harness = new NotificationHarness(settings);
  await harness.run();
  return harness;
}

describe('a receiver that fails', () => {
  it('is tried after 5 s, doubling to an hour, and reported at the third failure, once', async () => {
    const harness = await running();
    harness.usual = failed;
    await harness.commit(event('a'));
    const at: number[] = [0];
    for (let count = 1; at.length < 14; ) {
      await harness.pass(second);
      if (harness.sent.length === count) continue;
      count = harness.sent.length;
      at.push((harness.now - start) / second);
    }
    const waits = at.slice(1).map((moment, index) => moment - (at[index] ?? 0));
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
    expect(harness.reports).toEqual(['watcher.sink_unavailable HTTP 503']);
  });

  it('waits as long as it asks to, a day at the most', async () => {
    const harness = await running();
    harness.answers = [
      { ...failed, retryAfterMs: 7 * minute },
      { ...failed, retryAfterMs: 30 * day },
    ];
    await harness.commit(event('a'));
    await harness.pass(7 * minute - 1);
    expect(harness.sent).toHaveLength(1);
    await harness.pass(1);
    expect(harness.sent).toHaveLength(2);
    await harness.pass(day - 1);
    expect(harness.sent).toHaveLength(2);
    await harness.pass(1);
    expect(harness.sent).toHaveLength(3);
  });

  it('gets everything in order when it is back, and its recovery is reported once', async () => {
    const harness = await running();
    harness.usual = failed;
    await harness.commit(event('a'), event('b'));
    await harness.pass(hour);
    await harness.commit(event('c', hour));
    harness.usual = delivered;
    harness.sent.length = 0;
    await harness.pass(hour);
    expect(harness.sent).toEqual(['a', 'b', 'c']);
    expect(harness.reports).toEqual(['watcher.sink_unavailable HTTP 503', 'watcher.sink_recovered']);
    expect(harness.emitted[1]).toMatchObject({ sink: 'on-call', waiting: 2 });
  });

  it('is reported at once where somebody must correct something, and is tried again', async () => {
    const harness = await running();
    harness.usual = refused;
    await harness.commit(event('a'));
    expect(harness.reports).toEqual(['watcher.sink_unavailable HTTP 401']);
    harness.usual = delivered;
    await harness.pass(5 * second);
    expect(harness.sent).toEqual(['a', 'a']);
    expect(harness.reports.at(-1)).toBe('watcher.sink_recovered');
  });

  it('is neither hammered nor reported again by a restart', async () => {
    const harness = await running();
    harness.usual = failed;
    await harness.commit(event('a'));
    await harness.pass(minute);
    const { delivery } = harness.sink;
    const attempts = harness.sent.length;
    for (let restart = 0; restart < 5; restart += 1) await harness.run(0, delivery);
    expect(harness.sent).toHaveLength(attempts);
    await harness.pass(hour);
    expect(harness.reports).toEqual(['watcher.sink_unavailable HTTP 503']);
  });

  it('is tried at once when the clock was set back: the wait is not over for hours otherwise', async () => {
    const harness = await running();
    harness.answers = [failed];
    await harness.commit(event('a'));
    harness.now -= 10 * hour;
    await harness.settle();
    expect(harness.sent).toEqual(['a', 'a']);
  });
});

describe('a receiver with other settings', () => {
  it('is tried at once with them, and not blamed for what the former ones led to', async () => {
    const harness = await running();
    harness.usual = failed;
    await harness.commit(event('a'));
    await harness.pass(day);
    const { promise, resolve } = Promise.withResolvers<typeof failed>();
    harness.sink.use(receiver, { ...harness.sender, send: () => promise });
    await harness.settle();
    harness.usual = delivered;
    harness.sent.length = 0;
    harness.sink.use({ ...receiver, url: 'https://other.example.com/' }, { ...harness.sender });
    resolve(gone);
    await harness.settle();
    expect(harness.sent).toEqual(['a']);
    expect(harness.sink.status).toMatchObject({ state: 'working', waiting: 0 });
  });
});

describe('a receiver at a start of the watcher', () => {
  it('is asked again where it wanted nothing: its settings may have been corrected', async () => {
    const harness = await running();
    harness.answers = [gone];
    await harness.commit(event('a'));
    await harness.pass(hour);
    const { delivery } = harness.sink;
    await harness.run(0, delivery);
    expect(harness.sent).toEqual(['a', 'a']);
    expect(harness.reports.at(-1)).toBe('watcher.sink_recovered');
  });

  it('waits a minute at the most, and starts in a row bring its attempt no nearer', async () => {
    const harness = await running();
    harness.answers = [{ ...failed, retryAfterMs: day }];
    await harness.commit(event('a'));
    for (const wait of [0, 30 * second, 29 * second]) {
      await harness.pass(wait);
      await harness.run(0, harness.sink.delivery);
    }
    expect(harness.sent).toEqual(['a']);
    await harness.pass(second);
    expect(harness.sent).toEqual(['a', 'a']);
  });
});
