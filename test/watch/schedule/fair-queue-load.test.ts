import * as fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { FairQueue, type QueuedJob } from '../../../src/watch/schedule/fair-queue.ts';

const unlimited = { waitMs: () => 0, take: () => {} };

interface NumberedJob extends QueuedJob {
  readonly number: number;
}

test.each([
  { lanes: 1, dueAtOnce: true },
  { lanes: 1, dueAtOnce: false },
  { lanes: 100, dueAtOnce: true },
  { lanes: 100, dueAtOnce: false },
  { lanes: 10_000, dueAtOnce: true },
  { lanes: 10_000, dueAtOnce: false },
])('10,000 jobs in $lanes lanes start once each, due at once: $dueAtOnce', ({ lanes, dueAtOnce }) => {
  const queue = new FairQueue<NumberedJob>({ concurrency: 16, lanes: unlimited });
  const begin = performance.now();
  const slotOf = ({ number }: NumberedJob): number => (dueAtOnce ? 0 : ((number * 7_919) % 240) * 100);
  for (let number = 0; number < 10_000; number += 1) {
    const job = { number, lane: `${number % lanes}`, headStartMs: number % 10 === 0 ? 60_000 : 0 };
    queue.set(job, slotOf(job));
  }
  const started = new Set<NumberedJob>();
  for (let now = 0; now <= 24_000; now += 100)
    for (let job = queue.take(now); job !== undefined; job = queue.take(now)) {
      expect(slotOf(job) <= now && !started.has(job)).toBe(true);
      started.add(job);
      queue.set(job, now + 30_000);
      queue.release(job);
    }
  expect(started.size).toBe(10_000);
  // It takes about 50 ms; a scan of all lanes or jobs per start would take many seconds.
  expect(performance.now() - begin).toBeLessThan(3_000);
});

const concurrencies = fc.integer({ min: 1, max: 6 });
const lanes = fc.constantFrom('a', 'b', 'c');
const actions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('set' as const), lane: lanes, number: fc.nat(9), dueInMs: fc.nat(300) }),
    fc.record({ kind: fc.constant('delete' as const), lane: lanes, number: fc.nat(9) }),
    fc.record({ kind: fc.constantFrom('take' as const, 'end' as const) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(100) }),
  ),
  { maxLength: 200, size: 'max' },
);

const jobs = new Map(
  ['a', 'b', 'c'].flatMap((lane) =>
    Array.from({ length: 10 }, (_, number) => [`${lane}${number}`, { lane, headStartMs: 0 }] as const),
  ),
);

it('starts what is due in the order of due times, never too many, and leaves nothing that has room', () => {
  fc.assert(
    fc.property(actions, concurrencies, (given, concurrency) => {
      const queue = new FairQueue({ concurrency, lanes: unlimited });
      const waiting = new Map<QueuedJob, number>();
      const running: QueuedJob[] = [];
      let now = 0;
      const due = (): QueuedJob[] => [...waiting.keys()].filter((job) => (waiting.get(job) ?? 0) <= now);
      const hasRoom = ({ lane }: QueuedJob): boolean => {
        const all = new Set([...waiting.keys(), ...running].map((job) => job.lane));
        const free = concurrency - running.length;
        const own = running.filter((other) => other.lane === lane).length;
        return free > 0 && (all.size === 1 || own < free);
      };
      for (const action of given) {
        const job = 'lane' in action ? jobs.get(`${action.lane}${action.number}`) : undefined;
        if (action.kind === 'pass') now += action.ms;
        else if (action.kind === 'end') {
          const ended = running.shift();
          if (ended !== undefined) queue.release(ended);
        } else if (action.kind === 'take') {
          const taken = queue.take(now);
          const able = due().filter(hasRoom);
          if (taken === undefined) expect(able).toEqual([]);
          else {
            expect(able).toContain(taken);
            const rivals = able.filter((other) => other.lane === taken.lane);
            expect(waiting.get(taken)).toBe(Math.min(...rivals.map((other) => waiting.get(other) ?? 0)));
            waiting.delete(taken);
            running.push(taken);
          }
        } else if (job !== undefined && !running.includes(job)) {
          if (action.kind === 'set') {
            queue.set(job, now + action.dueInMs);
            waiting.set(job, now + action.dueInMs);
          } else {
            queue.delete(job);
            waiting.delete(job);
          }
        }
        expect(queue.dueCount(now)).toBe(due().length);
      }
    }),
    { numRuns: 200 },
  );
});
