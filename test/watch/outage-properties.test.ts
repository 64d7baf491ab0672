import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { Fleet, intervalMs } from './harness.ts';
import { minute, type Outcome, policy, targetOf } from './sample-migrations.ts';

const all = [0, 1, 2, 3].map((number) => targetOf(number));
const read: Outcome = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 5_000 };

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(read) },
  { weight: 6, arbitrary: fc.constantFrom<Outcome>('network', 'server_error', 'bad_reply', 'unauthorized') },
  { weight: 1, arbitrary: fc.constant<Outcome>('not_found') },
);
const change = fc.oneof(
  { weight: 6, arbitrary: fc.constant('none' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  // Which of them are in the configuration from then on.
  { weight: 1, arbitrary: fc.subarray([0, 1, 2, 3], { minLength: 1 }) },
);
/** What the migrations say, all alike or each for itself, for some rounds. */
const spell = fc.record({
  outcomes: fc.oneof(
    fc.array(outcome, { minLength: 4, maxLength: 4 }),
    outcome.map((same) => [same, same, same, same]),
  ),
  change,
  rounds: fc.integer({ min: 1, max: 6 }),
});
const history = fc.array(spell, { maxLength: 12, size: 'max' });

/** Follows what is told, as one who is called out for each outage and sent home at its end. */
class Listener {
  readonly #open = new Map<string, boolean>();
  /** Who was told of, as often as it was; `all` for an outage of all. */
  readonly #told: string[] = [];

  hear({ event, migration, migrations, reminder }: EventRecord): void {
    const name = String(migration);
    if (event === 'watcher.unreachable' && reminder === undefined) {
      expect(this.#open.has(name), `${name} is told twice`).toBe(false);
      this.#open.set(name, migrations !== undefined);
      this.#told.push(migrations === undefined ? name : 'all');
    }
    if (event === 'watcher.recovered')
      expect(this.#open.delete(name), `${name} recovers from nothing`).toBe(true);
  }

  /** One that told of an outage of all is taken out, so that another one will tell the end. */
  handOver(name: string, heir: string): void {
    if (this.#open.delete(name)) this.#open.set(heir, true);
  }

  knows(name: string): boolean {
    return this.#open.has(name) || [...this.#open.values()].includes(true);
  }

  /** How often something was told of this one or, whoever had part in it, of all. */
  toldOf(name: string): number {
    return this.#told.filter((told) => told === name || told === 'all').length;
  }

  get open(): readonly string[] {
    return [...this.#open.keys()];
  }
}

/** Polls of each in a row that were silent though people ought to know, and heard nothing of it in between. */
class Silence {
  readonly #polls = new Map<
    string,
    { readonly failures: number; readonly silent: number; readonly toldOf: number }
  >();

  look(fleet: Fleet, listener: Listener): void {
    for (const target of fleet.targets) {
      const { name } = target;
      const { failures = 0 } = fleet.state(target)?.outage ?? {};
      const toldOf = listener.toldOf(name);
      const former = this.#polls.get(name) ?? { failures: 0, silent: 0, toldOf: 0 };
      const ought = failures >= policy.unreachableAfter && (failures - 1) * intervalMs >= minute;
      const knows = listener.knows(name) || toldOf > former.toldOf;
      const isPolled = failures !== former.failures;
      const silent = !ought || knows ? 0 : former.silent + (isPolled ? 1 : 0);
      expect(silent, `${name} is silent`).toBeLessThan(2);
      this.#polls.set(name, { failures, silent, toldOf });
    }
  }
}

it('every outage that is told ends once, none is told twice, and none is kept quiet', {
  timeout: 30_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (spells) => {
      const fleet = new Fleet(all);
      const listener = new Listener();
      const silence = new Silence();
      let heard = 0;
      const listen = (): void => {
        for (const event of fleet.events.slice(heard)) listener.hear(event);
        heard = fleet.events.length;
      };
      const round = async (): Promise<void> => {
        await fleet.rounds();
        listen();
        silence.look(fleet, listener);
      };
      const reload = (targets: typeof all): void => {
        const told = (target: Target) => fleet.state(target)?.outage?.told;
        const teller = fleet.targets.find((target) => told(target) === 'for all');
        const heir = fleet.targets.find(
          (target) => targets.includes(target) && told(target) === 'by another',
        );
        if (teller !== undefined && heir !== undefined && !targets.includes(teller))
          listener.handOver(teller.name, heir.name);
        fleet.reload(targets);
      };
      for (const { outcomes, change: changed, rounds } of spells) {
        for (const [index, target] of all.entries()) fleet.say(outcomes[index] ?? read, [target]);
        if (changed === 'restart') await fleet.restart();
        else if (changed !== 'none') reload(all.filter((_, index) => changed.includes(index)));
        for (let count = 0; count < rounds; count += 1) await round();
      }
      fleet.say(read, all);
      // What was refused is let alone for a minute.
      for (let count = 0; count < 4; count += 1) await round();
      const watched = new Set(fleet.targets.map(({ name }) => name));
      expect(listener.open.filter((name) => watched.has(name))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
