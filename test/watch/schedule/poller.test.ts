import { describe, expect, it, vi } from 'vitest';
import { pass, pollerOf, useFakeClock } from './timed-poller.ts';

useFakeClock();

describe('the poller', () => {
  it('starts each job when it is due, at most 2 ms later, and none before its loop begins', async () => {
    const { poller, set, begin, started, onStart, clock } = pollerOf();
    const at: number[] = [];
    onStart.mockImplementation(() => void at.push(clock.monotonic()));
    set('a0', 0);
    set('b0', 100);
    set('a1', 100.5);
    await pass(50);
    // Since it was created.
    expect([started, poller.wokenAt]).toEqual([[], 0]);
    await begin();
    expect(started).toEqual(['a0 at 50']);
    await pass(49);
    expect(started).toHaveLength(1);
    await pass(3);
    expect(started.slice(1)).toEqual(['b0 at 100', 'a1 at 100']);
    // One wake serves both.
    expect(new Set(at).size).toBe(2);
  });

  it('starts what is set while it runs, at once when it is due', async () => {
    const { set, begin, started } = pollerOf();
    await begin();
    await pass(200);
    set('a0', 0);
    set('a1', 500);
    set('a1', 300);
    await pass(1_000);
    expect(started).toEqual(['a0 at 200', 'a1 at 300']);
  });

  it('starts a running job that is set again after it has ended, and not twice at once', async () => {
    const { set, begin, started } = pollerOf({ takesMs: 300 });
    for (const job of ['a0', 'b0', 'c0']) set(job, 0);
    await begin();
    for (const job of ['a0', 'b0']) set(job, 100);
    set('b0', 500);
    await pass(2_000);
    expect(started).toEqual(['a0 at 0', 'b0 at 0', 'c0 at 0', 'a0 at 300', 'b0 at 500']);
  });

  it('starts a job that sets itself after it has ended', async () => {
    const { set, begin, started, onStart } = pollerOf({ takesMs: 300 });
    onStart.mockImplementationOnce((job) => set(job, 0));
    set('a0', 0);
    await begin();
    await pass(2_000);
    expect(started).toEqual(['a0 at 0', 'a0 at 300']);
  });

  it('knows whether a job waits, or is to wait when it has run', async () => {
    const { set, has, begin } = pollerOf({ takesMs: 300 });
    expect(has('a0')).toBe(false);
    set('a0', 0);
    expect(has('a0')).toBe(true);
    await begin();
    expect(has('a0')).toBe(false);
    set('a0', 900);
    expect(has('a0')).toBe(true);
    await pass(500);
    expect(has('a0')).toBe(true);
    await pass(500);
    expect(has('a0')).toBe(false);
  });

  it('wakes once a second while nothing is due', async () => {
    const { poller, set, begin, onWake } = pollerOf();
    set('a0', Number.POSITIVE_INFINITY);
    await begin();
    await pass(3_500);
    expect(onWake).toHaveBeenCalledTimes(4);
    expect(poller.wokenAt).toBe(3_000);
  });

  it('starts at the next wake, 1 ms later, what its loop sets, with one timer', async () => {
    const { set, begin, onWake, started } = pollerOf();
    onWake.mockImplementationOnce(() => set('a0', 0));
    await begin();
    expect([started, vi.getTimerCount()]).toEqual([[], 1]);
    await pass(1);
    expect(started).toEqual(['a0 at 0']);
    // That of the job, and its own.
    expect(vi.getTimerCount()).toBe(2);
  });

  it('sets no timer where one wakes it in time', async () => {
    const { set, begin } = pollerOf();
    await begin();
    // Not a spy: vitest would put the fake timer back at every later `restoreAllMocks` of this worker.
    const timer = vi.fn<typeof setTimeout>(globalThis.setTimeout);
    vi.stubGlobal('setTimeout', timer);
    for (let number = 0; number < 1_000; number += 1) set(`a${number}`, 5_000 + number);
    expect(timer).not.toHaveBeenCalled();
    for (let number = 0; number < 1_000; number += 1) set(`a${number}`, 100 + number);
    expect(timer).toHaveBeenCalledTimes(1);
    vi.unstubAllGlobals();
  });

  it('reports what runs, what waits, and when the next is to start', async () => {
    const { poller, set, begin } = pollerOf({ concurrency: 1 });
    const view = (): unknown => [poller.running, poller.waitingDue, poller.oldestStartedAt, poller.nextDueAt];
    expect(view()).toEqual([0, 0, undefined, undefined]);
    await begin();
    set('a0', 50);
    set('a1', 52);
    set('a2', 500);
    expect(view()).toEqual([0, 0, undefined, 50]);
    await pass(55);
    // No room for the second.
    expect(view()).toEqual([1, 1, 51, undefined]);
    await pass(9);
    expect(view()).toEqual([1, 0, 62, undefined]);
    await pass(10);
    expect(view()).toEqual([0, 0, undefined, 500]);
    await pass(1_000);
    expect(view()).toEqual([0, 0, undefined, undefined]);
  });

  it('keeps a lane that has to wait from starting, and no other', async () => {
    const { poller, set, begin, started } = pollerOf({ laneWaitMs: (lane) => (lane === 'a' ? 700 : 0) });
    set('a0', 0);
    set('b0', 0);
    await begin();
    expect([started, poller.nextDueAt, poller.waitingDue]).toEqual([['b0 at 0'], 700, 1]);
    await pass(600);
    expect(poller.nextDueAt).toBe(700);
  });

  it('counts each start in its lane before it looks for the next one', async () => {
    const tokens = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const { set, begin, started, take } = pollerOf({
      laneWaitMs: (lane) => ((tokens.get(lane) ?? 0) > 0 ? 0 : 600),
    });
    take.mockImplementation((lane) => void tokens.set(lane, (tokens.get(lane) ?? 0) - 1));
    for (const job of ['a0', 'a1', 'b0', 'b1', 'b2']) set(job, 0);
    await begin();
    expect(started).toEqual(['a0 at 0', 'b0 at 0', 'b1 at 0']);
    expect(take.mock.calls.flat()).toEqual(['a', 'b', 'b']);
  });

  it('stopped, ends its loop, starts nothing more, and lets what runs go on', async () => {
    const { poller, set, begin, started, onWake, onEnd } = pollerOf({ concurrency: 1, takesMs: 1_500 });
    for (const job of ['a0', 'a1', 'b0']) set(job, 0);
    await begin();
    set('a0', 0);
    poller.stop();
    await pass(0);
    expect([onEnd.mock.calls.length, poller.running]).toEqual([1, 1]);
    await pass(1_500);
    expect([poller.running, vi.getTimerCount()]).toEqual([0, 0]);
    await pass(60_000);
    expect(started).toEqual(['a0 at 0']);
    expect(onWake).toHaveBeenCalledOnce();
  });

  it('stopped, takes no job any more', async () => {
    const { poller, set, has, begin } = pollerOf();
    await begin();
    poller.stop();
    set('a0', 0);
    expect([has('a0'), poller.waitingDue]).toEqual([false, 0]);
  });

  it('stopped by a job it has just started, wakes no more and sets no timer', async () => {
    const { poller, set, begin, started, onStart, onEnd } = pollerOf({ concurrency: 1 });
    onStart.mockImplementationOnce(() => poller.stop());
    for (const job of ['a0', 'a1']) set(job, 0);
    await begin();
    await pass(10_000);
    expect([started, vi.getTimerCount(), onEnd.mock.calls.length]).toEqual([['a0 at 0'], 0, 1]);
  });

  it('stopped before its loop begins, never wakes', async () => {
    const { poller, set, begin, onWake, onEnd } = pollerOf();
    set('a0', 0);
    poller.stop();
    await begin();
    expect([onWake.mock.calls.length, onEnd.mock.calls.length]).toEqual([0, 1]);
  });

  it('starts nothing while it is not known whether it may, and then what is due', async () => {
    let answer: ((may: boolean) => void) | undefined;
    const { set, begin, started } = pollerOf({
      mayStart: () =>
        answer !== undefined ||
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    set('a0', 0);
    await begin();
    await pass(2_000);
    expect(started).toEqual([]);
    answer?.(true);
    await pass(0);
    expect(started).toEqual(['a0 at 2000']);
  });

  it('starts nothing any more once it may not', async () => {
    const may = [true, false, true];
    const { set, begin, started, onEnd } = pollerOf({ mayStart: () => may.shift() ?? true });
    set('a0', 0);
    set('a1', 500);
    await begin();
    await pass(5_000);
    expect(started).toEqual(['a0 at 0']);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });
});
