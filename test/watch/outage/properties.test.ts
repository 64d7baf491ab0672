import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { evenFleet, minute, type Result, SimulatedFleet, second } from './simulated-fleet.ts';

const all = evenFleet(8, 3);
const scopes = new Set(['account', 'p0', 'p1', 'p2']);

const result: fc.Arbitrary<Result> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Result>('ok') },
  { weight: 6, arbitrary: fc.constantFrom<Result>('network', 'server_error', 'forbidden', 'unauthorized') },
  { weight: 1, arbitrary: fc.constantFrom<Result>('not_found', 'internal') },
);
/** What the migrations answer, all alike, by project or each for itself, for some polls, and what happens then. */
const spell = fc.record({
  results: fc.oneof(
    result.map((same) => all.map(() => same)),
    fc
      .array(result, { minLength: 3, maxLength: 3 })
      .map((byProject) => all.map((_, number) => byProject[number % 3] ?? 'ok')),
    fc.array(result, { minLength: all.length, maxLength: all.length }),
  ),
  intervals: fc.integer({ min: 1, max: 10 }),
  change: fc.oneof(
    { weight: 6, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 1, arbitrary: fc.subarray([...all], { minLength: 1 }) },
  ),
});

/** Follows the reports as an incident tool does, and counts how long each migration is silent. */
class Reader {
  readonly open = new Set<string>();
  readonly #silent = new Map<string, number>();
  #read = 0;

  read(fleet: SimulatedFleet): void {
    const fresh = fleet.reports.slice(this.#read);
    this.#read = fleet.reports.length;
    for (const { event, of } of fresh) {
      if (event === 'unreachable') {
        expect(this.open.has(of), `${of} is reported twice`).toBe(false);
        this.open.add(of);
      } else if (event === 'recovered') {
        expect(this.open.delete(of), `${of} recovers from nothing`).toBe(true);
        // What still fails is due with its next failed poll.
        if (scopes.has(of)) this.#silent.clear();
      }
    }
    const silent = new Set(fleet.silent.map(({ key }) => key));
    for (const { key } of all) {
      const checks = silent.has(key) ? (this.#silent.get(key) ?? 0) + 1 : 0;
      expect(checks, `${key} is unreachable and silent`).toBeLessThan(3);
      this.#silent.set(key, checks);
    }
  }

  /** A migration that leaves takes its incident with it; after a restart each waits for its first poll. */
  forget(fleet: SimulatedFleet): void {
    const keys = new Set(fleet.members.map(({ key }) => key));
    for (const of of this.open) if (!scopes.has(of) && !keys.has(of)) this.open.delete(of);
    this.#silent.clear();
  }
}

it('Every report of an outage is followed by one recovery, and no unreachable migration stays silent', () => {
  fc.assert(
    fc.property(fc.array(spell, { maxLength: 10, size: 'max' }), (spells) => {
      const fleet = new SimulatedFleet(all);
      const reader = new Reader();
      for (const { results, intervals, change } of spells) {
        const answers = new Map(all.map(({ key }, number) => [key, results[number] ?? 'ok']));
        for (let interval = 0; interval < intervals; interval += 1) {
          fleet.run(30 * second, (key) => answers.get(key) ?? 'ok');
          reader.read(fleet);
        }
        if (change === 'restart') fleet.restart();
        else if (change !== 'none') fleet.replace(change);
        reader.forget(fleet);
      }
      fleet.run(3 * minute, () => 'ok');
      reader.read(fleet);
      expect(fleet.openScopes).toEqual([]);
      expect([...reader.open]).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
