import { afterEach, beforeEach, vi } from 'vitest';
import type { QueuedJob } from '../../../src/watch/schedule/fair-queue.ts';
import { Poller } from '../../../src/watch/schedule/poller.ts';

export const start = Date.UTC(2026, 10, 24, 12, 0, 0, 100);

/** Gives every test of a file fake timers and a fake monotonic clock. */
export function useFakeClock(): void {
  beforeEach(
    () => void vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'performance'] }),
  );
  afterEach(() => void vi.useRealTimers());
}

export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

interface Job extends QueuedJob {
  readonly name: string;
}

/**
 * A poller whose jobs take `takesMs`, the loop that a watcher runs over it, and clocks that begin at `start` and 0; what
 * started is listed while time passes. A job is called by its lane and a number: `a0`.
 */
export function pollerOf({
  concurrency = 16,
  takesMs = 10,
  laneWaitMs = (_lane: string): number => 0,
  mayStart = (): boolean | Promise<boolean> => true,
} = {}) {
  const begin = performance.now();
  const wall = { aheadMs: 0 };
  const monotonic = (): number => performance.now() - begin;
  const clock = { now: () => start + wall.aheadMs + monotonic(), monotonic };
  const started: string[] = [];
  const onWake = vi.fn<() => void>();
  const onStart = vi.fn<(job: string) => void>();
  const onEnd = vi.fn<() => void>();
  const take = vi.fn<(lane: string) => void>();
  const poller = new Poller<Job>(clock, { concurrency, lanes: { waitMs: laneWaitMs, take } }, mayStart);
  const jobs = new Map<string, Job>();
  const jobOf = (name: string): Job => {
    const job = jobs.get(name) ?? { name, lane: name.slice(0, 1), headStartMs: 0 };
    jobs.set(name, job);
    return job;
  };

  async function perform(job: Job): Promise<void> {
    started.push(`${job.name} at ${Math.round(monotonic() / 10) * 10}`);
    onStart(job.name);
    await new Promise((resolve) => {
      setTimeout(resolve, takesMs);
    });
    poller.done(job);
  }

  async function run(): Promise<void> {
    for await (const due of poller.wakes()) {
      onWake();
      for (const job of due) void perform(job);
    }
    onEnd();
  }

  return {
    poller,
    clock,
    wall,
    started,
    onWake,
    onStart,
    onEnd,
    take,
    has: (name: string) => poller.has(jobOf(name)),
    set: (name: string, dueAt: number) => poller.set(jobOf(name), dueAt),
    /** Begins the loop and lets it wake. */
    begin: async (): Promise<void> => {
      void run();
      await pass(0);
    },
  };
}
