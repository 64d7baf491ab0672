import { expect, it, vi } from 'vitest';
import { FencedError } from '../../src/state/store.ts';
import { sampleEvent } from '../events/sample-events.ts';
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
