import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { readHistory } from '../../src/state/history.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';
import { namesOf, type Outcome, orders, play, targetOf } from './sample-migrations.ts';

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

/** A ledger whose turn ends when it is told, over a store whose commits are counted. */
function gathering() {
  const real = openStore(join(temporaryDirectory(), 'state.db'));
  onTestFinished(() => real.close());
  const commits: number[] = [];
  const store: Store = {
    ...real,
    path: real.path,
    load: (...args) => real.load(...args),
    refresh: () => real.refresh(),
    unwritten: (...args) => real.unwritten(...args),
    commit: (batch) => {
      commits.push(batch.states.length);
      return real.commit(batch);
    },
  };
  const written: unknown[] = [];
  const told: [string, boolean][] = [];
  const turns: (() => void)[] = [];
  const later: (() => void)[] = [];
  const targets = [1, 2, 3].map((number) => targetOf(number));
  const ledger = new Ledger(store, ({ migration, event }) => written.push(migration ?? event) > 0, targets, {
    defer: (work, delayMs) => (delayMs === 0 ? turns : later).push(work),
    onEvents: (records, stored) =>
      told.push(...records.map(({ event }): [string, boolean] => [event, stored])),
  });
  return {
    ledger,
    commits,
    written,
    told,
    targets,
    turns,
    later,
    endTurn: () => {
      for (const work of turns.splice(0)) work();
    },
    endWait: () => {
      for (const work of later.splice(0)) work();
    },
    recordAll: (...events: readonly ('migration.first_seen' | 'watcher.poll_failed')[]) => {
      for (const { name, groupId, liveMigrationId } of targets)
        ledger.record({
          groupId,
          liveMigrationId,
          state: initialState(0),
          events: events.map((event) => sampleEvent(event, { migration: name })),
        });
    },
  };
}

describe('a ledger that gathers what is recorded in one turn', () => {
  it('stores it in one go before it writes any of it, and knows it at once', () => {
    const { ledger, commits, written, told, targets, turns, endTurn, endWait, recordAll } = gathering();
    recordAll('migration.first_seen');
    expect(targets.map((target) => ledger.state(target))).toEqual(targets.map(() => initialState(0)));
    expect([commits, written, told]).toEqual([[], [], []]);
    expect(turns).toHaveLength(1);
    expect(ledger.delivered).toBe(false);
    endTurn();
    expect(commits).toEqual([3]);
    // The second one marks the events as written.
    endTurn();
    expect(commits).toEqual([3, 0]);
    expect(written).toEqual(['m1', 'm2', 'm3']);
    expect(told).toEqual(written.map(() => ['migration.first_seen', true]));
    // Failed polls can wait for that: their marks go with whatever is stored next, or a moment later.
    recordAll('watcher.poll_failed');
    endTurn();
    endTurn();
    recordAll('watcher.poll_failed');
    endTurn();
    endTurn();
    expect(commits).toEqual([3, 0, 3, 3]);
    endWait();
    expect(commits).toEqual([3, 0, 3, 3, 0]);
  });

  it.each<[string, (ledger: Ledger) => unknown]>([
    ['a line is said', (ledger) => ledger.say(sampleEvent('watcher.stopping'))],
    ['the log takes lines again', (ledger) => ledger.deliver()],
    ['all is written back', (ledger) => ledger.writeBack()],
    ['other migrations are to be watched', (ledger) => ledger.remember([])],
  ])('does not wait for the end of the turn when %s', (_what, act) => {
    const { ledger, commits, written, endTurn, recordAll } = gathering();
    recordAll('migration.first_seen');
    act(ledger);
    expect(commits[0]).toBe(3);
    endTurn();
    ledger.deliver();
    expect(written.slice(0, 3)).toEqual(['m1', 'm2', 'm3']);
    expect(commits.filter((states) => states > 0)).toEqual([3]);
  });

  it('lets what tells nothing wait for more of it, and for no longer than it said', () => {
    const { ledger, commits, targets, turns, later, endTurn, endWait, recordAll } = gathering();
    recordAll();
    recordAll();
    expect([turns.length, later.length, commits]).toEqual([0, 1, []]);
    expect(ledger.state(targets[0] ?? targetOf(1))).toEqual(initialState(0));
    endWait();
    expect(commits).toEqual([3]);
    recordAll();
    recordAll('migration.first_seen');
    endTurn();
    expect(commits.filter((states) => states > 0)).toEqual([3, 3]);
    // What was to be stored then is stored already.
    endWait();
    expect(commits.filter((states) => states > 0)).toEqual([3, 3]);
    recordAll();
    expect(later).toHaveLength(1);
  });

  it('loses no news to a crash while what told nothing still waits, and tells it under the same id', () => {
    const told = newsOf(true);
    expect(told.map(([event]) => event)).toEqual(['migration.first_seen', 'migration.ready_for_cutover']);
    expect(told).toEqual(newsOf(false));
  });
});

/** Returns event and id of what is told of a migration that becomes ready, with a crash while a quiet poll waits to be stored, or without. */
function newsOf(crashes: boolean): unknown[][] {
  const store = openStore(':memory:');
  const written: EventRecord[] = [];
  const begin = () => {
    const works: (() => void)[] = [];
    const defer = (work: () => void, delayMs: number): void => {
      if (delayMs === 0) work();
      else works.push(work);
    };
    const ledger = new Ledger(store, (record) => written.push(record) > 0, [orders], { defer });
    const endWait = (): void => {
      for (const work of works.splice(0)) work();
    };
    return { ledger, endWait };
  };
  const poll = ({ ledger }: ReturnType<typeof begin>, outcome: Outcome): void => {
    const { state = initialState(0), events } = play([outcome], ledger.state(orders));
    const { groupId, liveMigrationId } = orders;
    ledger.record({ groupId, liveMigrationId, state, events });
  };
  const first = begin();
  poll(first, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 60 });
  poll(first, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 30 });
  if (!crashes) first.endWait();
  expect(store.load(orders.groupId, orders.liveMigrationId)?.observation?.lagTimeSeconds).toBe(
    crashes ? 60 : 30,
  );
  poll(begin(), ready);
  store.close();
  return written.map(({ event, eventId }) => [event, eventId]);
}
