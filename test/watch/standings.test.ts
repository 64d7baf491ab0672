import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { isSettled, type WatchedMigration, watchMigration } from '../../src/watch/fleet.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { othersTogether } from '../../src/watch/others.ts';
import { refusedTogether } from '../../src/watch/refusals.ts';
import { Standings } from '../../src/watch/standings.ts';
import { errorOf, minute, start, targetOf } from './sample-migrations.ts';

const projects = ['a', 'b'].map((letter) => letter.repeat(24));

/** Watches and a ledger of a few, all of which a test sets by hand. */
function counted(size: number) {
  const watches = Array.from({ length: size }, (_, number) =>
    watchMigration(targetOf(number, projects[number % projects.length]), [], 0),
  );
  const states = new Map<string, MigrationState>();
  const ledger = {
    lookedUp: 0,
    state: ({ name }: WatchedMigration['target']) => states.get(name),
  };
  const standings = new Standings(ledger);
  standings.count(watches);
  const stateOf = ({ target }: WatchedMigration): MigrationState =>
    states.get(target.name) ?? initialState(start);
  return { watches, states, ledger, standings, stateOf };
}

const observed = (observedAt: number) => ({ known: {}, observation: { observedAt } });

describe('the standings', () => {
  it('of nobody are settled', () => {
    expect(counted(0).standings.open).toBe(0);
  });

  it('are counted anew when the store turns out to hold something of them', () => {
    const { watches, states, ledger, standings } = counted(2);
    const [one] = watches;
    if (one === undefined) throw new Error('nobody is watched');
    states.set('m1', { ...initialState(start), outage: { failures: 5, since: start, told: 'for all' } });
    expect(standings.others(one, start)).toEqual({ read: 0, failed: 0, unheard: 1, told: false });
    ledger.lookedUp += 1;
    expect(standings.others(one, start)).toEqual({ read: 0, failed: 1, unheard: 0, told: true });
    states.set('m0', { ...initialState(start), settlement: 'COMPLETE' });
    states.set('m1', { ...initialState(start), settlement: 'COMPLETE' });
    ledger.lookedUp += 1;
    expect(standings.open).toBe(0);
  });

  it('count one that disappeared as long as it is doubted, and forget one that is watched no more', () => {
    const { watches, states, standings } = counted(2);
    const [one, other] = watches;
    if (one === undefined || other === undefined) throw new Error('nobody is watched');
    states.set('m0', { ...initialState(start), settlement: 'DISAPPEARED' });
    standings.update(one);
    expect(standings.open).toBe(2);
    one.doubted = false;
    standings.update(one);
    expect(standings.open).toBe(1);
    standings.count([one]);
    expect([standings.open, standings.has(one), standings.has(other)]).toEqual([0, true, false]);
  });

  it('say of all others what looking at each of them says', () => {
    const step = fc.record({
      number: fc.nat(4),
      at: fc.nat(3),
      ends: fc.constantFrom('read', 'network', 'refused', 'not_found', 'complete', 'tells', 'gone silent'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { watches, states, standings, stateOf } = counted(5);
        for (const { number, at, ends } of steps) {
          const watch = watches[number];
          if (watch === undefined) throw new Error('nobody is watched');
          const { outage: _over, settlement: _end, ...before } = stateOf(watch);
          const outage = { failures: 1, since: start };
          if (ends === 'read') states.set(`m${number}`, { ...before, ...observed(start + at * minute) });
          else if (ends === 'complete') states.set(`m${number}`, { ...before, settlement: 'COMPLETE' });
          else
            states.set(`m${number}`, {
              ...before,
              outage: ends === 'tells' ? { ...outage, told: 'for all' } : outage,
            });
          if (ends === 'gone silent') watch.latest = undefined;
          else if (ends === 'not_found') watch.latest = errorOf('not_found');
          else if (ends === 'refused') watch.latest = errorOf('unauthorized');
          else watch.latest = ends === 'read' || ends === 'complete' ? 'read' : errorOf('network');
          standings.update(watch);
          const open = watches.filter((one) => !isSettled(one, states.get(one.target.name)));
          expect(standings.open).toBe(open.length);
          for (const one of open)
            expect(standings.isRefusedTogether(one)).toBe(refusedTogether(open, one).length > 0);
          for (const one of watches)
            for (const since of [0, 1, 2, 3].map((minutes) => start + minutes * minute)) {
              const all = open
                .filter((other) => other !== one)
                .map(({ target, latest }) => ({ latest, state: states.get(target.name) }));
              const { read, unheard, ...rest } = othersTogether(all, since);
              const others = standings.others(one, since);
              expect(others).toMatchObject(rest);
              expect(others.read > 0).toBe(read > 0);
              expect(others.read + others.unheard).toBe(read + unheard);
            }
        }
      }),
      { numRuns: 200 },
    );
  });
});
