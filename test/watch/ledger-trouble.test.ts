import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { readHistory } from '../../src/state/history.ts';
import { minute, namesOf, orders, play, start } from './sample-migrations.ts';
import { type Call, retryMs, setting } from './troubled-ledger.ts';

const calls: readonly Call[] = ['refresh', 'commit'];
const withoutTrouble = (names: string[]) => names.filter((name) => !name.startsWith('watcher.state_'));

describe.each(calls)('while %s of the store fails, the ledger', (call) => {
  it('tells every event once, says so once, and writes everything back when it can', () => {
    const { path, ledger, names, fail, heal, record, lines, clock } = setting();
    record({ status: 'NEW' });
    fail(call);
    record({ status: 'WORKING' });
    record({ status: 'WORKING', readyForCutover: true });
    record({ status: 'COMPLETE' });
    expect(withoutTrouble(names())).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.ready_for_cutover',
      'migration.status_changed',
      'migration.completed',
    ]);
    expect(lines.filter(({ event }) => event === 'watcher.state_unavailable')).toMatchObject([
      { level: 'error', reason: 'disk_full', path, remedy: 'Free some space on its disk.' },
    ]);
    clock.now += 90_000 - retryMs;
    heal();
    expect(ledger.writeBack()).toBe(true);
    ledger.deliver();
    expect(lines.at(-1)).toMatchObject({ event: 'watcher.state_recovered', level: 'info', downSeconds: 90 });
    expect(lines.at(-1)).not.toHaveProperty('droppedEvents');
    const told = lines.filter(({ event }) => event.startsWith('migration.'));
    expect([...readHistory(path)]).toEqual(told);
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(5);
    expect(ledger.samples(orders, 0).map(({ lagTimeSeconds }) => lagTimeSeconds)).toEqual([1, 2, 3, 4]);
  });

  it('begins a new episode when it fails again', () => {
    const { names, fail, heal, record } = setting();
    for (const status of ['A', 'B', 'C']) {
      fail(call);
      record({ status });
      heal();
      record({ status });
    }
    expect(names().filter((name) => name === 'watcher.state_unavailable')).toHaveLength(3);
    expect(names().filter((name) => name === 'watcher.state_recovered')).toHaveLength(3);
  });

  it('comes back without a poll, with the next line of any kind', () => {
    const { ledger, names, fail, heal, record } = setting();
    fail(call);
    record({ status: 'NEW' });
    heal();
    ledger.prune(start);
    expect(names().at(-1)).toBe('watcher.state_recovered');
  });
});

describe('a migration that is added while the store cannot be read', () => {
  const ready = { status: 'WORKING', readyForCutover: true };

  /** A ledger to which `orders` was added in vain, and what the store holds of it. */
  function added() {
    const set = setting();
    set.record(ready);
    const stored = set.ledger.state(orders);
    const ledger = set.ledgerOf([]);
    for (const call of ['load', 'refresh'] as const) set.fail(call);
    ledger.remember([orders]);
    expect(ledger.recall(orders)).toBeUndefined();
    return { ...set, ledger, stored };
  }

  it('is looked up again before its first poll is recorded', () => {
    const { ledger, heal, stored } = added();
    heal();
    expect(ledger.recall(orders)).toEqual(stored);
  });

  it('is told from memory until then, and remembered as the store has it afterwards', () => {
    const { ledger, heal, stored, path, names } = added();
    const { state, events } = play([ready]);
    if (state === undefined) throw new Error('a poll leaves a state');
    const { groupId, liveMigrationId } = orders;
    const later = { ...state, rememberedSince: start + minute };
    ledger.record({ groupId, liveMigrationId, state: later, events });
    expect(ledger.state(orders)).toBe(later);
    heal();
    expect(ledger.writeBack()).toBe(true);
    ledger.deliver();
    expect(ledger.state(orders)).toEqual(stored);
    const told = ['migration.first_seen', 'migration.ready_for_cutover'];
    expect(withoutTrouble(names())).toEqual([...told, ...told]);
    expect(namesOf([...readHistory(path)])).toEqual([...told, ...told]);
  });

  it('and that it does not know is stored as it is in memory', () => {
    const { fail, heal, ledgerOf, ledger, record } = setting();
    for (const call of ['load', 'refresh'] as const) fail(call);
    ledger.remember([orders]);
    record({ status: 'NEW' });
    const state = ledger.state(orders);
    heal();
    ledger.writeBack();
    expect(ledgerOf([orders]).state(orders)).toEqual(state);
  });
});

describe('a migration that is taken out', () => {
  it('is forgotten, and looked up when it comes back', () => {
    const { ledger, record } = setting();
    record({ status: 'NEW' });
    const state = ledger.state(orders);
    ledger.remember([]);
    expect(ledger.state(orders)).toBeUndefined();
    ledger.remember([orders]);
    expect(ledger.state(orders)).toEqual(state);
  });

  it('is forgotten as soon as the store knows it', () => {
    const { ledger, ledgerOf, record, fail, heal } = setting();
    fail('commit');
    record({ status: 'NEW' });
    const state = ledger.state(orders);
    ledger.remember([]);
    expect(ledger.state(orders)).toBe(state);
    heal();
    ledger.writeBack();
    expect(ledger.state(orders)).toBeUndefined();
    expect(ledgerOf([orders]).state(orders)).toEqual(state);
  });
});

describe('the ledger', () => {
  it('leaves what nobody has read to the next run, when the log is closed as well', () => {
    const { path, log, fail, heal, record, ledger } = setting();
    record({ status: 'NEW' });
    log.stuck = true;
    fail('commit');
    record({ status: 'WORKING' });
    heal();
    expect(ledger.writeBack()).toBe(true);
    expect(namesOf([...readHistory(path)])).toEqual(['migration.first_seen', 'migration.status_changed']);
    log.stuck = false;
    ledger.deliver();
    expect(ledger.delivered).toBe(true);
  });

  it('says so when marking fails, and does not write the line again', () => {
    const { names, ledger, fail, heal, log, record } = setting();
    log.stuck = true;
    record({ status: 'NEW' });
    log.stuck = false;
    fail('commit');
    ledger.deliver();
    expect(names()).toEqual(['migration.first_seen', 'watcher.state_unavailable']);
    heal();
    record({ status: 'NEW' });
    expect(withoutTrouble(names())).toEqual(['migration.first_seen']);
  });

  it.each([
    ['leftovers', 'unwritten'],
    ['old samples', 'pruneSamples'],
  ] as const)('goes on when %s cannot be reached', (what, call) => {
    const { ledger, names, fail, heal, record } = setting();
    fail(call);
    if (what === 'leftovers') ledger.deliverLeftovers();
    else ledger.prune(start);
    expect(names()).toEqual(['watcher.state_unavailable']);
    heal();
    record({ status: 'NEW' });
    expect(names().toSorted()).toEqual([
      'migration.first_seen',
      'watcher.state_recovered',
      'watcher.state_unavailable',
    ]);
  });

  it('does not take a mistake of the program for trouble of the store', () => {
    const { fail, record, names } = setting();
    fail('commit', new TypeError('x is not a function'));
    expect(() => record({ status: 'NEW' })).toThrow('x is not a function');
    expect(names()).toEqual([]);
  });

  it('holds so much in memory and no more, and says what the history lacks', () => {
    const limits = { unstored: 5, waiting: 5, passing: 5, samples: 3 };
    const { path, lines, fail, heal, record, ledger } = setting({ limits });
    record({ status: 'FIRST' });
    fail('commit');
    for (let n = 0; n < 20; n += 1) record({ status: `S${n}` });
    heal();
    record({ status: 'S19' });
    expect(lines.at(-1)).toMatchObject({ event: 'watcher.state_recovered', droppedSamples: 18 });
    const told = lines.filter(({ event }) => event.startsWith('migration.'));
    const recorded = [...readHistory(path)];
    expect(recorded).toHaveLength(told.length - Number(lines.at(-1)?.droppedEvents));
    expect(recorded).toEqual([...told.slice(0, 2), ...told.slice(-5)].slice(-recorded.length));
    expect(ledger.state(orders)?.known.status).toBe('S19');
  });

  it('makes the file anew when it was deleted, so that a restart repeats nothing', () => {
    const { path, record, names, ledger } = setting();
    record({ status: 'WORKING', readyForCutover: true });
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`);
    record({ status: 'WORKING', readyForCutover: true });
    expect(names()).toEqual(['migration.first_seen', 'migration.ready_for_cutover']);
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`);
    ledger.writeBack();
    const database = new DatabaseSync(path, { readOnly: true });
    const state = database.prepare('SELECT state FROM migration').get()?.state;
    database.close();
    expect(JSON.parse(String(state))).toEqual(ledger.state(orders));
  });

  it('delivers more leftovers than it holds in memory, in their order', () => {
    const limits = { unstored: 100, waiting: 4, passing: 5, samples: 10 };
    const { lines, log, record, ledger } = setting({ limits });
    log.stuck = true;
    for (let n = 0; n < 30; n += 1) record({ status: `S${n}` });
    log.stuck = false;
    ledger.deliver();
    expect(lines.filter(({ event }) => event === 'migration.status_changed').map(({ to }) => to)).toEqual(
      Array.from({ length: 29 }, (_, n) => `S${n + 1}`),
    );
    expect(new Set(lines.map(({ eventId }) => eventId)).size).toBe(lines.length);
    expect(ledger.delivered).toBe(true);
  });
});
