import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PollQueue } from '../../src/watch/poll-queue.ts';

interface Job {
  readonly lane: string;
  readonly number: number;
  readonly takesMs: number;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A queue whose jobs take the time they say; the record of what it did grows while timers advance. */
function queueOf({
  concurrency = 16,
  laneWaitMs = (_lane: string): number => 0,
  headStartMs = (_job: Job): number => 0,
} = {}) {
  const started: { job: Job; at: number }[] = [];
  const overlap = { now: 0, most: 0 };
  const begin = performance.now();
  const queue = new PollQueue<Job>({
    concurrency: () => concurrency,
    monotonic: () => performance.now(),
    laneOf: ({ lane }) => lane,
    laneWaitMs,
    headStartMs,
    run: async (job) => {
      started.push({ job, at: performance.now() - begin });
      overlap.now += 1;
      overlap.most = Math.max(overlap.most, overlap.now);
      await new Promise((resolve) => {
        setTimeout(resolve, job.takesMs);
      });
      overlap.now -= 1;
    },
  });
  return { queue, started, overlap, begin };
}

const job = (lane: string, number: number, takesMs = 10): Job => ({ lane, number, takesMs });
const hanging = 60_000;
const headStartFromTen = ({ number }: Job): number => (number >= 10 ? 60_000 : 0);
const lanesOf = (started: readonly { job: Job }[]): string =>
  started.map(({ job: { lane } }) => lane).join('');

describe('the poll queue', () => {
  it('leaves half of all places to other lanes, but none to those that are gone', async () => {
    const { queue, overlap, begin } = queueOf({ concurrency: 4 });
    const most = async (): Promise<number> => {
      overlap.most = 0;
      for (let number = 0; number < 4; number += 1) void queue.add(job('a', number), begin);
      queue.pump();
      await vi.advanceTimersByTimeAsync(100);
      return overlap.most;
    };
    void queue.add(job('b', 0), begin);
    queue.keep(new Set(['a']));
    queue.pump();
    await vi.advanceTimersByTimeAsync(100);
    expect(await most()).toBe(2);
    queue.keep(new Set(['a', 'b']));
    expect(await most()).toBe(2);
    queue.keep(new Set(['a']));
    expect(await most()).toBe(4);
  });

  it('starts a job not before its time', async () => {
    const { queue, started, begin } = queueOf();
    void queue.add(job('a', 0), begin);
    void queue.add(job('a', 1), begin + 100);
    queue.pump();
    await vi.advanceTimersByTimeAsync(99);
    expect(started.map(({ job: { number } }) => number)).toEqual([0]);
    expect(queue.waiting).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(started.map(({ at }) => at)).toEqual([0, 100]);
    expect([queue.waiting, queue.underWay]).toEqual([0, 1]);
  });

  it('says when the oldest under way began, and when the next is to start', async () => {
    const { queue, begin } = queueOf({ concurrency: 1 });
    expect([queue.oldestBegunAt, queue.nextStartAt]).toEqual([undefined, undefined]);
    void queue.add(job('a', 0), begin + 50);
    void queue.add(job('a', 1), begin + 55);
    queue.pump();
    expect([queue.oldestBegunAt, queue.nextStartAt]).toEqual([undefined, begin + 50]);
    await vi.advanceTimersByTimeAsync(58);
    // The other one waits for room, and nobody is late.
    expect([queue.oldestBegunAt, queue.nextStartAt]).toEqual([begin + 50, undefined]);
    await vi.advanceTimersByTimeAsync(5);
    expect([queue.oldestBegunAt, queue.nextStartAt]).toEqual([begin + 60, undefined]);
    await vi.advanceTimersByTimeAsync(10);
    expect([queue.oldestBegunAt, queue.nextStartAt]).toEqual([undefined, undefined]);
    void queue.add(job('b', 2), begin + 80);
    // Nobody has seen to its start yet.
    expect(queue.nextStartAt).toBe(begin + 80);
    await queue.drain();
    expect(queue.nextStartAt).toBeUndefined();
  });

  it('a lane that has to wait holds up no other', async () => {
    let waitMs = 5_000;
    const { queue, started, begin } = queueOf({ laneWaitMs: (lane) => (lane === 'paused' ? waitMs : 0) });
    void queue.add(job('paused', 0), begin);
    void queue.add(job('open', 1), begin);
    void queue.add(job('open', 2), begin + 200);
    queue.pump();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(started.map(({ job: { number } }) => number)).toEqual([1, 2]);
    waitMs = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(started.map(({ job: { number } }) => number)).toEqual([1, 2, 0]);
  });

  it('a lane whose jobs hang leaves room for the others, whichever came first', async () => {
    const { queue, started, overlap, begin } = queueOf();
    for (let number = 0; number < 40; number += 1) void queue.add(job('a', number, hanging), begin);
    void queue.add(job('b', 0), begin);
    queue.pump();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lanesOf(started)).toBe(`ab${'a'.repeat(7)}`);
    for (let number = 1; number < 5; number += 1) {
      void queue.add(job('b', number), begin + number * 1_000);
      void queue.add(job('c', number, hanging), begin + number * 1_000);
      queue.pump();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(lanesOf(started.slice(9)).replaceAll(/(bc|cb)/gu, '.')).toBe('....');
    expect(queue.nextStartAt).toBeUndefined();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(started).toHaveLength(49);
    expect(overlap.most).toBeLessThan(16);
  });

  it('asks few lanes how long they wait, however many there are', async () => {
    const asked = vi.fn<() => number>(() => 0);
    const { queue, started, begin } = queueOf({ laneWaitMs: asked });
    for (let number = 0; number < 1_000; number += 1)
      void queue.add(job(`${number}`, number), begin + number);
    queue.pump();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(started).toHaveLength(1_000);
    expect(asked.mock.calls.length / started.length).toBeLessThan(5);
  });

  it('a job that is due at once goes before those of its lane that are to come', async () => {
    const { queue, started, begin } = queueOf();
    void queue.add(job('a', 0), begin + 500);
    void queue.add(job('b', 1), begin + 300);
    void queue.add(job('a', 2), begin + 100);
    queue.pump();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(started.map(({ job: { number }, at }) => [number, at])).toEqual([
      [2, 100],
      [1, 300],
      [0, 500],
    ]);
  });

  it('a lane that is alone has all the room', async () => {
    const { queue, overlap, begin } = queueOf();
    for (let number = 0; number < 40; number += 1) void queue.add(job('a', number, hanging), begin);
    queue.pump();
    await vi.advanceTimersByTimeAsync(1);
    expect(overlap.now).toBe(16);
  });

  it('lanes take turns where there is room for one', async () => {
    const { queue, started, begin } = queueOf({ concurrency: 1 });
    for (let number = 0; number < 5; number += 1) void queue.add(job('a', number), begin);
    for (let number = 0; number < 3; number += 1) void queue.add(job('b', number), begin + 1);
    queue.pump();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lanesOf(started)).toBe('abababaa');
  });

  it('a job with a head start goes before those of its lane that have not waited longer by as much', async () => {
    let waitMs = 1_000;
    const { queue, started, begin } = queueOf({ laneWaitMs: () => waitMs, headStartMs: headStartFromTen });
    void queue.add(job('a', 0), begin);
    void queue.add(job('a', 1), begin + 61_000);
    void queue.add(job('a', 10), begin + 60_001);
    void queue.add(job('a', 11), begin + 59_999);
    void queue.add(job('a', 12), begin + 200_000);
    await vi.advanceTimersByTimeAsync(100_000);
    waitMs = 0;
    queue.pump();
    await vi.advanceTimersByTimeAsync(1);
    expect(started.map(({ job: { number } }) => number)).toEqual([11, 0, 10, 1]);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(started.at(-1)?.job.number).toBe(12);
  });

  it('resolves what was added when it has run', async () => {
    const { queue, begin } = queueOf();
    const finished = vi.fn<() => void>();
    void queue.add(job('a', 0, 50), begin).then(finished);
    queue.pump();
    await vi.advanceTimersByTimeAsync(49);
    expect(finished).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(finished).toHaveBeenCalledOnce();
  });

  it('drained, drops what waits, resolves it, and waits for what is under way', async () => {
    const { queue, started, begin } = queueOf({ concurrency: 1 });
    void queue.add(job('a', 0, 1_000), begin);
    const dropped = vi.fn<() => void>();
    void queue.add(job('a', 1), begin).then(dropped);
    void queue.add(job('b', 2), begin + 60_000).then(dropped);
    queue.pump();
    const drained = vi.fn<() => void>();
    void queue.drain().then(drained);
    await vi.advanceTimersByTimeAsync(999);
    expect(dropped).toHaveBeenCalledTimes(2);
    expect(drained).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(drained).toHaveBeenCalledOnce();
    expect(started).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs every job once, in the order of its times within a lane, never more at once than allowed', async () => {
    const jobs = fc.array(
      fc.record({ lane: fc.constantFrom('a', 'b', 'c'), takesMs: fc.nat(500), notBefore: fc.nat(2_000) }),
      { maxLength: 40, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(jobs, fc.integer({ min: 1, max: 5 }), async (given, concurrency) => {
        const { queue, started, overlap, begin } = queueOf({ concurrency });
        for (const [number, { lane, takesMs, notBefore }] of given.entries())
          void queue.add({ lane, number, takesMs }, begin + notBefore);
        queue.pump();
        await vi.advanceTimersByTimeAsync(60_000);
        expect(overlap.most).toBeLessThanOrEqual(concurrency);
        expect(started).toHaveLength(given.length);
        for (const { job: begun, at } of started)
          expect(at).toBeGreaterThanOrEqual(given[begun.number]?.notBefore ?? Number.NaN);
        for (const lane of ['a', 'b', 'c']) {
          const numbers = started
            .filter(({ job: begun }) => begun.lane === lane)
            .map((begun) => begun.job.number);
          const due = (number: number): number => given[number]?.notBefore ?? Number.NaN;
          expect(numbers).toEqual(numbers.toSorted((a, b) => due(a) - due(b) || a - b));
        }
      }),
      { numRuns: 40 },
    );
  });
});
