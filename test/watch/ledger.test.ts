import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { readHistory } from '../../src/state/history.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';
import { namesOf, type Outcome, orders, play } from './orders.ts';

/** Opens a ledger on this file; `deliver` says whether a line was written. */
function ledgerOn(path: string, deliver: (record: EventRecord) => boolean) {
  const store = openStore(path);
  const ledger = new Ledger(store, deliver, [orders]);
  return {
    ledger,
    close: () => store.close(),
    record: (outcome: Outcome) => {
      const { state, events } = play([outcome], ledger.state(orders));
      if (state === undefined) throw new Error('a poll leaves a state');
      ledger.record({ groupId: orders.groupId, liveMigrationId: orders.liveMigrationId, state, events });
    },
  };
}

/** What a ledger on this file writes of what is left over from earlier ones. */
function leftovers(path: string): EventRecord[] {
  const written: EventRecord[] = [];
  const { ledger, close } = ledgerOn(path, (record) => written.push(record) > 0);
  ledger.deliverLeftovers();
  close();
  return written;
}

const ready = { status: 'WORKING', readyForCutover: true };

describe('the ledger', () => {
  it('commits before it writes, and forgets what was written', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const committed: string[][] = [];
    const { record, close } = ledgerOn(path, () => {
      committed.push(namesOf([...readHistory(path)]));
      return true;
    });
    record(ready);
    close();
    const both = ['migration.first_seen', 'migration.ready_for_cutover'];
    expect(committed).toEqual([both, both]);
    expect(leftovers(path)).toEqual([]);
  });

  it('keeps what the output did not take, for the next run, under the same ids', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const refused: EventRecord[] = [];
    const { record, close } = ledgerOn(path, (event) => {
      refused.push(event);
      return event.event === 'migration.first_seen';
    });
    record(ready);
    close();
    expect(leftovers(path)).toEqual(refused.slice(1));
    expect(leftovers(path)).toEqual([]);
  });

  it('writes again what may not have been written when it came to a sudden end', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const written: EventRecord[] = [];
    const { record, close } = ledgerOn(path, (event) => {
      written.push(event);
      throw new Error('the end, between writing and marking');
    });
    expect(() => record(ready)).toThrow('the end');
    close();
    expect(leftovers(path).map(({ eventId }) => eventId)).toContain(written[0]?.eventId);
    const { ledger, close: closeNext } = ledgerOn(path, () => true);
    expect(ledger.state(orders)).toMatchObject({ known: ready });
    closeNext();
  });

  it('delivers failed polls like any other event, but does not keep them', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const { record, close } = ledgerOn(path, () => false);
    record('network');
    close();
    expect(namesOf([...readHistory(path)])).toEqual([]);
    expect(namesOf(leftovers(path))).toEqual(['watcher.poll_failed']);
    expect(leftovers(path)).toEqual([]);
  });

  it('remembers a migration across runs, and nothing of one it never saw', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const first = ledgerOn(path, () => true);
    expect(first.ledger.state(orders)).toBeUndefined();
    first.record(ready);
    const remembered = first.ledger.state(orders);
    first.close();
    const second = ledgerOn(path, () => true);
    expect(second.ledger.state(orders)).toEqual(remembered);
    second.close();
  });

  it('looks up migrations that are to be watched from now on, and keeps what it knows of others', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const first = ledgerOn(path, () => true);
    first.record(ready);
    first.close();
    const store = openStore(path);
    const ledger = new Ledger(store, () => true, []);
    expect(ledger.state(orders)).toBeUndefined();
    ledger.remember([orders]);
    expect(ledger.state(orders)).toMatchObject({ known: ready });
    const known = ledger.state(orders);
    ledger.remember([orders]);
    expect(ledger.state(orders)).toBe(known);
    store.close();
  });

  it('tells of events as they are found, also while the log takes none, and whether the store has them', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = openStore(path);
    const told: [string, boolean][] = [];
    const ledger = new Ledger(store, () => false, [orders], {
      onEvents: (records, stored) =>
        told.push(...records.map(({ event }): [string, boolean] => [event, stored])),
    });
    const { groupId, liveMigrationId } = orders;
    const first = play([{ status: 'NEW' }]);
    if (first.state === undefined) throw new Error('a poll leaves a state');
    ledger.record({ groupId, liveMigrationId, state: first.state, events: first.events });
    rmSync(dirname(path), { recursive: true });
    ledger.record({ groupId, liveMigrationId, state: first.state, events: first.events });
    ledger.say(sampleEvent('watcher.heartbeat'));
    store.close();
    expect(told).toEqual([
      ['migration.first_seen', true],
      ['watcher.state_unavailable', false],
      ['migration.first_seen', false],
      ['watcher.heartbeat', false],
    ]);
  });
});
