import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readHistory } from '../../src/state/history.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { namesOf, orders, play, start } from './sample-migrations.ts';
import { retryMs, setting } from './troubled-ledger.ts';

describe('a store that fails', () => {
  it('is tried once a second, and not with every record and line', () => {
    const { tries, fail, record, ledger, clock } = setting();
    fail('commit');
    const before = tries();
    for (let n = 0; n < 9; n += 1) record({ status: `S${n}` });
    ledger.say(sampleEvent('watcher.heartbeat'));
    expect(tries() - before).toBe(1);
    clock.now += retryMs;
    record({ status: 'NEXT' });
    record({ status: 'LAST' });
    expect(tries() - before).toBe(2);
    clock.now -= 3_600_000;
    record({ status: 'BACK' });
    expect(tries() - before).toBe(3);
  });

  it('keeps what happened in the history, however many polls fail meanwhile', () => {
    const limits = { unstored: 20, waiting: 5, passing: 5, samples: 3 };
    const { path, ledger, lines, fail, heal, record } = setting({ limits });
    fail('commit');
    record({ status: 'NEW' });
    record({ status: 'WORKING', readyForCutover: true });
    for (let n = 0; n < 100; n += 1) record('network');
    heal();
    ledger.writeBack();
    ledger.deliver();
    expect(namesOf([...readHistory(path)])).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.ready_for_cutover',
      'watcher.unreachable',
    ]);
    expect(namesOf(lines).filter((name) => name === 'watcher.poll_failed')).toHaveLength(100);
    expect(lines.at(-1)).toMatchObject({ event: 'watcher.state_recovered' });
    expect(lines.at(-1)).not.toHaveProperty('droppedEvents');
  });

  it.each([
    ['while it can still be read', undefined],
    ['when it cannot be read either', 'unwritten'],
  ] as const)('loses nothing of what waits for a reader that comes back, %s', (_when, unreadable) => {
    const limits = { unstored: 100, waiting: 4, passing: 5, samples: 10 };
    const { lines, log, record, fail, heal, ledger } = setting({ limits });
    const statuses = () =>
      lines.filter(({ event }) => event === 'migration.status_changed').map(({ to }) => to);
    log.stuck = true;
    record({ status: 'FIRST' });
    for (let n = 0; n < 10; n += 1) record({ status: `S${n}` });
    fail('commit');
    if (unreadable !== undefined) fail(unreadable);
    for (let n = 10; n < 20; n += 1) record({ status: `S${n}` });
    log.stuck = false;
    ledger.deliver();
    const all = Array.from({ length: 20 }, (_, n) => `S${n}`);
    // New news is not held back by old news that cannot be had.
    expect(statuses()).toEqual(unreadable === undefined ? all : ['S0', ...all.slice(10)]);
    heal();
    ledger.writeBack();
    ledger.deliver();
    expect(new Set(statuses())).toEqual(new Set(all));
    expect(statuses()).toHaveLength(all.length);
    expect(ledger.delivered).toBe(true);
  });

  it('keeps the order of what waits for a reader also when the file is deleted meanwhile', () => {
    const limits = { unstored: 100, waiting: 4, passing: 5, samples: 10 };
    const { lines, log, record, path, ledger } = setting({ limits });
    log.stuck = true;
    for (let n = 0; n < 10; n += 1) record({ status: `S${n}` });
    rmSync(path);
    log.stuck = false;
    ledger.deliver();
    const told = lines.filter(({ event }) => event === 'migration.status_changed').map(({ to }) => to);
    expect(told).toEqual(Array.from({ length: 9 }, (_, n) => `S${n + 1}`));
    expect(ledger.delivered).toBe(true);
  });
});

it('the ledger forgets old samples in portions, so that nothing waits for it', () => {
  const { ledger, ledgerOf, path } = setting();
  const { groupId, liveMigrationId } = orders;
  const { state, events } = play([{ status: 'NEW' }]);
  if (state === undefined) throw new Error('a poll leaves a state');
  for (let n = 0; n < 600; n += 1)
    ledger.record({
      groupId,
      liveMigrationId,
      state,
      events: n === 0 ? events : [],
      sample: { observedAt: start + n, lagTimeSeconds: 1 },
    });
  const left = () => ledgerOf([orders]).samples(orders, 0).length;
  const monthLater = start + 31 * 24 * 3_600_000;
  ledger.prune(monthLater);
  expect(left()).toBe(100);
  ledger.prune(monthLater);
  expect(left()).toBe(0);
  expect([...readHistory(path)]).toHaveLength(1);
});
