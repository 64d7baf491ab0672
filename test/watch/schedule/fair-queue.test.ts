import { describe, expect, it, test } from 'vitest';
import { FairQueue, type QueuedJob } from '../../../src/watch/schedule/fair-queue.ts';

interface Job extends QueuedJob {
  readonly name: string;
}

/** A job is called by its lane and a number: `a0`. Those from 10 on have a head start of a minute. */
function jobOf(name: string): Job {
  const lane = name.replace(/\d+$/u, '');
  return { name, lane, headStartMs: Number(name.slice(lane.length)) >= 10 ? 60_000 : 0 };
}

/** A queue whose jobs are called by their names. */
function queueOf({ concurrency = 16, laneWaitMs = (_lane: string): number => 0 } = {}) {
  const queue = new FairQueue<Job>({ concurrency, lanes: { waitMs: laneWaitMs, take: () => {} } });
  const jobs = new Map<string, Job>();
  const named = (name: string): Job => {
    const job = jobs.get(name) ?? jobOf(name);
    jobs.set(name, job);
    return job;
  };
  return {
    has: (name: string) => queue.has(named(name)),
    set: (name: string, dueAt: number) => queue.set(named(name), dueAt),
    delete: (name: string) => queue.delete(named(name)),
    take: (now: number) => queue.take(now)?.name,
    release: (name: string) => queue.release(named(name)),
    peek: (now: number) => queue.peek(now),
    dueCount: (now: number) => queue.dueCount(now),
    moveLater: (dueTimeOf: (dueAt: number) => number) => queue.moveLater(dueTimeOf),
  };
}

/** Takes what may start now, without anything ending. */
function takeAll(queue: ReturnType<typeof queueOf>, now: number): string {
  const taken: string[] = [];
  for (let job = queue.take(now); job !== undefined; job = queue.take(now)) taken.push(job);
  return taken.join(' ');
}

/** Takes as many as there are, each ending before the next one. */
function takeInTurns(queue: ReturnType<typeof queueOf>, now: number): string {
  const taken: string[] = [];
  for (let job = queue.take(now); job !== undefined; job = queue.take(now)) {
    taken.push(job);
    queue.release(job);
  }
  return taken.join(' ');
}

interface Row {
  readonly rule: string;
  /** Each is "job at due time". */
  readonly jobs: readonly string[];
  readonly now: number;
  readonly concurrency?: number;
  /** Lanes that have to wait for their next start, and how long. */
  readonly waits?: Readonly<Record<string, number>>;
  readonly starts: string;
  readonly nextAt: number | undefined;
}

const rows: readonly Row[] = [
  { rule: 'nothing waits', jobs: [], now: 0, starts: '', nextAt: undefined },
  { rule: 'a job is not due', jobs: ['a0 at 100'], now: 99, starts: '', nextAt: 100 },
  { rule: 'a job is due', jobs: ['a0 at 100'], now: 100, starts: 'a0', nextAt: undefined },
  {
    rule: 'within a lane by due time, whatever the order in which they were set',
    jobs: ['a0 at 50', 'a1 at 10', 'a2 at 30', 'a3 at 90'],
    now: 60,
    starts: 'a1 a2 a0',
    nextAt: 90,
  },
  {
    rule: 'of one due time, in the order in which they were set',
    jobs: ['a2 at 10', 'a0 at 10', 'a1 at 10'],
    now: 10,
    starts: 'a2 a0 a1',
    nextAt: undefined,
  },
  {
    rule: 'one place a job: the latest due time counts',
    jobs: ['a0 at 10', 'b0 at 10', 'a0 at 20', 'b0 at 5'],
    now: 10,
    starts: 'b0',
    nextAt: 20,
  },
  {
    rule: 'no more than may run',
    jobs: ['a0 at 0', 'a1 at 0', 'a2 at 0'],
    now: 0,
    concurrency: 2,
    starts: 'a0 a1',
    nextAt: undefined,
  },
  {
    rule: 'the lane with the fewest running goes first',
    jobs: ['a0 at 0', 'a1 at 1', 'a2 at 2', 'b0 at 3'],
    now: 5,
    concurrency: 5,
    starts: 'a0 b0 a1',
    nextAt: undefined,
  },
  {
    rule: 'a lane leaves half of all places to others, also to those that are not due',
    jobs: ['a0 at 0', 'a1 at 0', 'a2 at 0', 'a3 at 0', 'b0 at 900'],
    now: 0,
    concurrency: 4,
    starts: 'a0 a1',
    nextAt: 900,
  },
  {
    rule: 'and half of what others left of them',
    jobs: ['a0 at 0', 'a1 at 0', 'a2 at 0', 'a3 at 0', 'b0 at 0', 'b1 at 0', 'b2 at 0', 'b3 at 0'],
    now: 0,
    concurrency: 6,
    starts: 'a0 b0 a1 b1',
    nextAt: undefined,
  },
  {
    rule: 'a lane that is alone has all places',
    jobs: ['a0 at 0', 'a1 at 0', 'a2 at 0', 'a3 at 0'],
    now: 0,
    concurrency: 4,
    starts: 'a0 a1 a2 a3',
    nextAt: undefined,
  },
  {
    rule: 'a lane that has to wait is passed over',
    jobs: ['a0 at 0', 'a1 at 0', 'b0 at 5', 'b1 at 800'],
    now: 10,
    waits: { a: 500 },
    starts: 'b0',
    nextAt: 510,
  },
  {
    rule: 'while all lanes have to wait, the next start is that of the shortest wait',
    jobs: ['a0 at 0', 'b0 at 5', 'c0 at 700'],
    now: 10,
    waits: { a: 500, b: 400 },
    starts: '',
    nextAt: 410,
  },
  {
    rule: 'a head start lets a job go before others that have waited less than that longer',
    jobs: ['a0 at 0', 'a1 at 61000', 'a10 at 60001', 'a11 at 59999', 'a12 at 200000'],
    now: 100_000,
    starts: 'a11 a0 a10 a1',
    nextAt: 200_000,
  },
  {
    rule: 'a head start makes no job due early',
    jobs: ['a10 at 1000', 'a0 at 500'],
    now: 500,
    starts: 'a0',
    nextAt: 1_000,
  },
  {
    rule: 'what is never due does not start',
    jobs: ['a0 at Infinity', 'a1 at Infinity'],
    now: 1e12,
    starts: '',
    nextAt: Number.POSITIVE_INFINITY,
  },
];

test.each(rows)('starts by: $rule', ({ jobs, now, concurrency = 16, waits = {}, starts, nextAt }) => {
  const queue = queueOf({ concurrency, laneWaitMs: (lane) => waits[lane] ?? 0 });
  for (const row of jobs) {
    const [job = '', dueAt] = row.split(' at ');
    queue.set(job, Number(dueAt));
  }
  const first = starts.split(' ')[0] ?? '';
  expect(queue.peek(now)).toBe(first === '' ? nextAt : now);
  expect(takeAll(queue, now)).toBe(starts);
  expect(queue.peek(now)).toBe(nextAt);
});

describe('the fair queue', () => {
  it('gives lanes turns where there is room for one', () => {
    const queue = queueOf({ concurrency: 1 });
    for (const number of [0, 1, 2, 3, 4]) queue.set(`a${number}`, 0);
    for (const number of [0, 1, 2]) queue.set(`b${number}`, 1);
    expect(takeInTurns(queue, 1)).toBe('a0 b0 a1 b1 a2 b2 a3 a4');
  });

  it('gives a lane that comes later its turn after those that wait', () => {
    const queue = queueOf({ concurrency: 1 });
    for (const job of ['a0', 'a1', 'b0', 'b1']) queue.set(job, 0);
    expect(queue.take(0)).toBe('a0');
    queue.set('c0', 0);
    queue.release('a0');
    expect(takeInTurns(queue, 0)).toBe('b0 a1 c0 b1');
  });

  it('leaves room for other lanes while the jobs of one hang', () => {
    const queue = queueOf();
    for (let number = 0; number < 40; number += 1) queue.set(`a${number}`, 0);
    queue.set('b0', 0);
    const started = takeAll(queue, 0).split(' ');
    expect(started.filter((job) => job.startsWith('b'))).toEqual(['b0']);
    expect(started).toHaveLength(9);
    queue.set('b1', 100);
    queue.release('b0');
    expect(queue.take(0)).toBeUndefined();
    expect([queue.take(100), queue.take(100)]).toEqual(['b1', undefined]);
  });

  it('leaves no place to a lane without jobs', () => {
    const queue = queueOf({ concurrency: 4 });
    for (const job of ['a0', 'a1', 'a2', 'a3', 'b0', 'b1']) queue.set(job, 0);
    queue.delete('b1');
    expect(takeAll(queue, 0)).toBe('a0 b0 a1');
    queue.release('b0');
    expect(takeAll(queue, 0)).toBe('a2 a3');
  });

  it('starts a lane again when its wait is over, and asks then how long it is', () => {
    let waitMs = 500;
    const queue = queueOf({ laneWaitMs: () => waitMs });
    queue.set('a0', 0);
    expect([queue.take(10), queue.peek(10), queue.take(509)]).toEqual([undefined, 510, undefined]);
    waitMs = 100;
    expect([queue.take(510), queue.peek(510)]).toEqual([undefined, 610]);
    waitMs = 0;
    expect([queue.take(609), queue.take(610)]).toEqual([undefined, 'a0']);
  });

  it('counts what the start of a job spends for the jobs behind it', () => {
    let tokens = 2;
    const queue = queueOf({ laneWaitMs: () => (tokens > 0 ? 0 : 600) });
    for (const number of [0, 1, 2]) queue.set(`a${number}`, 0);
    const started: (string | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      started.push(queue.take(0));
      tokens -= 1;
    }
    expect([...started, queue.peek(0)]).toEqual(['a0', 'a1', undefined, 600]);
  });

  it('removes jobs wherever they wait', () => {
    let waitMs = 500;
    const queue = queueOf({ laneWaitMs: (lane) => (lane === 'paused' ? waitMs : 0) });
    for (const job of ['paused0', 'paused1', 'a0', 'a1']) queue.set(job, 0);
    queue.set('a2', 1_000);
    expect(queue.peek(0)).toBe(0);
    for (const job of ['paused0', 'paused1', 'a0', 'a2', 'unknown0']) queue.delete(job);
    waitMs = 0;
    expect(['paused0', 'paused1', 'a0', 'a1'].filter(queue.has)).toEqual(['a1']);
    expect(takeAll(queue, 2_000)).toBe('a1');
    expect(queue.peek(2_000)).toBeUndefined();
  });

  it('counts the jobs that are due, looked for or not', () => {
    const queue = queueOf({ concurrency: 1 });
    for (const [index, job] of ['a0', 'a1', 'b0', 'b1'].entries()) queue.set(job, index * 10);
    expect([0, 9, 10, 30].map((now) => queue.dueCount(now))).toEqual([1, 1, 2, 4]);
    expect(queue.take(20)).toBe('a0');
    expect([20, 30].map((now) => queue.dueCount(now))).toEqual([2, 3]);
  });

  it('moves what is not due, each job once, and keeps their order', () => {
    const queue = queueOf({ concurrency: 1 });
    for (const [job, dueAt] of [
      ['b0', 200],
      ['a1', 100],
      ['a0', 0],
      ['b1', 150],
    ] as const)
      queue.set(job, dueAt);
    expect(queue.peek(0)).toBe(0);
    queue.moveLater((dueAt) => Math.max(70, dueAt - 80));
    expect(queue.dueCount(69)).toBe(1);
    expect(takeInTurns(queue, 70)).toBe('b1 a0 a1');
    expect(queue.peek(70)).toBe(120);
  });

  it('asks few lanes how long they wait, however many there are', () => {
    let asked = 0;
    const queue = queueOf({
      laneWaitMs: () => {
        asked += 1;
        return 0;
      },
    });
    for (let number = 0; number < 1_000; number += 1) queue.set(`lane${number}:0`, number);
    let started = 0;
    for (let now = 0; now < 2_000; now += 10)
      started += takeInTurns(queue, now).split(' ').filter(Boolean).length;
    expect(started).toBe(1_000);
    expect(asked / started).toBeLessThan(5);
  });
});
