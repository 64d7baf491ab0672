import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { deadlineOf, runningWindow } from '../../src/watch/migration/readiness-window.ts';
import { minute, policy } from './sample-migrations.ts';
import { WordedLife } from './worded-life.ts';

/** Everything that takes days happens within hours. */
const rules = {
  ...policy,
  windowMs: 120 * minute,
  warnBeforeMs: [48, 24, 6, 2].map((minutes) => minutes * minute),
  remindEveryMs: 12 * minute,
};
const lastMs = 2 * minute;
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 5 };
const copying = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 500 };

const span = fc.integer({ min: 1, max: 150 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ready' as const), minutes: span }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('copying' as const), minutes: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('unread' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failed' as const), minutes: fc.constant(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ack' as const), minutes: fc.option(span) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unack' as const), minutes: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('extend' as const), minutes: span }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('longer' as const), minutes: span }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('plan' as const), minutes: fc.option(span) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reload' as const), minutes: fc.option(span) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), minutes: fc.constant(0) }) },
);

/** What has to be reported, counted from what Atlas said and which deadline held, and not from what was reported. */
class Oracle {
  readonly life = new WordedLife(rules);
  withdrawals = 0;
  failures = 0;
  #wasReady = false;
  #hasFailed = false;
  /** How often a last warning and a passed deadline came up: each time that it was not due before. */
  lastWarnings = { due: false, least: 0, most: 0 };
  passed = { due: false, count: 0 };
  #windowSince: number | undefined;

  /** Looks after every poll and every word. */
  look(): void {
    const readiness = runningWindow(this.life.state);
    if (readiness === undefined) return;
    if (readiness.since !== this.#windowSince) {
      this.#windowSince = readiness.since;
      this.lastWarnings.due = false;
      this.passed.due = false;
    }
    const left = deadlineOf(readiness, rules) - this.life.now;
    const [isLast, isPassed] = [left <= lastMs, left <= 0];
    if (isPassed && !this.passed.due) this.passed.count += 1;
    if (isLast && !this.lastWarnings.due) {
      // A deadline that has passed already stands for its last warning.
      if (!isPassed) this.lastWarnings.least += 1;
      this.lastWarnings.most += 1;
    }
    this.lastWarnings.due = isLast;
    this.passed.due = isPassed;
  }

  poll(outcome: typeof ready | 'network' | { status: string }): void {
    this.life.poll(outcome);
    if (typeof outcome !== 'string') {
      const isReady = 'readyForCutover' in outcome && outcome.readyForCutover;
      const hasFailed = outcome.status === 'FAILED';
      if (this.#wasReady && !isReady && !hasFailed && !this.#hasFailed) this.withdrawals += 1;
      if (hasFailed && !this.#hasFailed) this.failures += 1;
      this.#wasReady = isReady;
      this.#hasFailed = hasFailed;
    }
    this.look();
  }
}

function countOf(
  life: WordedLife,
  name: string,
  isIt: (event: Record<string, unknown>) => boolean = () => true,
) {
  return life.events.filter((event) => event.event === name && isIt(event)).length;
}

it('whatever people state, the last warning, a passed deadline, a failure and a withdrawal are reported, once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25, size: 'max' }), (steps) => {
      const oracle = new Oracle();
      const { life } = oracle;
      for (const { kind, minutes } of steps) {
        // A file is looked at every ten seconds, and two commands take a while.
        life.now += 1_000;
        const until = minutes === null ? undefined : life.now + minutes * minute;
        const polls = { ready, copying, unread: 'network', failed: { status: 'FAILED' } } as const;
        if (kind in polls)
          for (let n = 0; n < (minutes ?? 0); n += 1) oracle.poll(polls[kind as keyof typeof polls]);
        else if (kind === 'ack') life.ask({ command: 'ack', until });
        else if (kind === 'unack') life.ask({ command: 'unack' });
        else if (kind === 'extend') life.ask({ command: 'extend', until });
        else if (kind === 'longer') life.ask({ command: 'extend', byMs: (minutes ?? 0) * minute });
        else if (kind === 'plan') life.ask({ command: 'plan', at: until });
        else if (kind === 'reload')
          life.reload(until === undefined ? undefined : { deadline: until, plannedAt: until });
        else life.restart();
        oracle.look();
      }
      const last = countOf(
        life,
        'migration.cutover_deadline_near',
        ({ lastWarning }) => lastWarning === true,
      );
      expect(last).toBeGreaterThanOrEqual(oracle.lastWarnings.least);
      expect(last).toBeLessThanOrEqual(oracle.lastWarnings.most);
      expect(countOf(life, 'migration.cutover_deadline_passed')).toBe(oracle.passed.count);
      expect(countOf(life, 'migration.readiness_withdrawn')).toBe(oracle.withdrawals);
      expect(countOf(life, 'migration.failed')).toBe(oracle.failures);
      const ids = life.events.map(({ eventId }) => eventId);
      expect(new Set(ids).size).toBe(ids.length);
      const answers = life.events.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId]));
      expect(new Set(answers).size).toBe(answers.length);
    }),
    { numRuns: 300 },
  );
});
