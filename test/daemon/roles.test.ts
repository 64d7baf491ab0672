import { expect, it, vi } from 'vitest';
import { FencedError, type RecordedState, StateError } from '../../src/state/store.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { batchOf, stateWith } from '../state/sample-change.ts';
import { RolesHarness } from './roles-harness.ts';

it('a watcher that loses its lease while it stops says so, and still writes its last line', async () => {
  const set = await RolesHarness.start();
  set.free();
  const roles = await set.open();
  await vi.waitFor(() => expect(set.lines).toContain('migration.first_seen'));
  set.store.commit = () => Promise.reject(new FencedError('another one has it'));
  roles.startNothing();
  await roles.finish(0);
  roles.term.emit(sampleEvent('watcher.stopped'));
  await roles.close();
  expect(set.lines.slice(-3)).toEqual(['watcher.fenced', 'watcher.standby', 'watcher.stopped']);
  expect([set.releases, set.faults]).toEqual([0, []]);
});

it('a stop ends a standby also after a mistake of the program', async () => {
  const set = await RolesHarness.start();
  set.lease.look = () => Promise.reject(new TypeError('a mistake'));
  const roles = await set.open();
  await vi.waitFor(() => expect(set.faults).toEqual([new TypeError('a mistake')]));
  roles.startNothing();
  await roles.finish(0);
  expect(set.lines).toEqual(['watcher.standby']);
});

it('a standby that takes the lease while it is stopped gives it back, and polls nothing', async () => {
  const set = await RolesHarness.start();
  const roles = await set.open();
  const looking = Promise.withResolvers<void>();
  const taking = Promise.withResolvers<void>();
  set.free();
  const { take } = set.lease;
  set.lease.take = async () => {
    looking.resolve();
    await taking.promise;
    return take();
  };
  await looking.promise;
  roles.startNothing();
  const finished = roles.finish(0);
  taking.resolve();
  await finished;
  expect([set.releases, set.atlas.requests, set.faults]).toEqual([1, [], []]);
  expect(set.lines).toEqual(['watcher.standby']);
});

it('a stop waits only a moment for a store that does not answer', async () => {
  const set = await RolesHarness.start();
  const looking = Promise.withResolvers<void>();
  set.lease.look = () => {
    looking.resolve();
    return new Promise(() => {});
  };
  const roles = await set.open();
  await looking.promise;
  roles.startNothing();
  await roles.finish(0);
  await roles.close();
  expect(set.faults).toEqual([]);
});

it('a standby that can look at the lease, but not read the rest, says so once and still takes over', async () => {
  const set = await RolesHarness.start();
  set.store.changesSince = () => Promise.reject(new StateError('db: it does not answer in time.'));
  const roles = await set.open();
  const looks = vi.fn(set.lease.look);
  set.lease.look = looks;
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(2), { timeout: 5_000 });
  expect(set.records.map(({ event, standby }) => [event, standby])).toEqual([
    ['watcher.standby', undefined],
    ['watcher.state_unavailable', true],
  ]);
  expect(roles.term.reader.status()).toEqual({ firstRoundDone: false, stateWritable: false });
  set.expire();
  await vi.waitFor(() => expect(set.lines).toContain('watcher.active'), { timeout: 5_000 });
  roles.startNothing();
  await roles.finish(0);
  await roles.close();
});

it('a standby shows lag samples of a migration that a reload has added, and how near it is', async () => {
  const set = await RolesHarness.start();
  const [, billing] = (await set.settings(['orders', 'billing'])).config.migrations;
  const observedAt = Date.now() - 60_000;
  const observation = { observedAt, status: 'WORKING', lagTimeSeconds: 3 };
  const state = { ...stateWith('WORKING'), observation };
  const recorded = { ...billing, state } as RecordedState;
  await set.store.commit(
    batchOf({ states: [recorded], samples: [{ ...recorded, observedAt, lagTimeSeconds: 3 }] }),
  );
  set.store.changesSince = async () => ({ revision: 1, states: [recorded] });
  const roles = await set.open();
  await roles.apply(await set.settings(['orders', 'billing']));
  const [, shown] = roles.term.reader.snapshots();
  expect(shown).toMatchObject({ cadence: 'approaching', state: { observation: { lagTimeSeconds: 3 } } });
  expect(shown?.samples.recent).toEqual([observedAt, 3]);
  roles.startNothing();
  await roles.finish(0);
});
