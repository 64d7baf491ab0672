import { expect, it, onTestFinished } from 'vitest';
import { ServiceManager, watchdogMsOf } from '../../../src/daemon/systemd/service-manager.ts';
import type { Liveness } from '../../../src/watch/liveness.ts';

/** A service manager that hears everything, at a time and of a daemon that the test sets. */
function setUp(watchdogMs?: number) {
  const world = {
    now: 0,
    answer: 'sent' as 'sent' | 'full' | { errorCode: string },
    status: 'one',
    liveness: { alive: true } as Liveness,
    heard: [] as string[],
    failures: [] as string[],
  };
  const manager = new ServiceManager({
    send: (message) => {
      if (world.answer === 'sent') world.heard.push(message);
      return world.answer;
    },
    watchdogMs,
    monotonic: () => world.now,
    onFailure: (code) => world.failures.push(code),
  });
  onTestFinished(() => manager.stopping('the test is over'));
  const checkResult = (now: number): string[] => {
    world.now = now;
    world.heard.length = 0;
    manager.look();
    return [...world.heard];
  };
  const begin = () => manager.ready({ status: () => world.status, liveness: () => world.liveness });
  return { world, manager, checkResult, begin };
}

it.each([
  ['none is asked for', {}, undefined],
  ['one is asked for', { WATCHDOG_USEC: '60000000' }, 60_000],
  ['it is for this process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '17' }, 60_000],
  ['it is for another process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '18' }, undefined],
  ['it is switched off', { WATCHDOG_USEC: '0' }, undefined],
  ['it is no number', { WATCHDOG_USEC: 'soon' }, undefined],
])('knows the time for signs of life when %s', (_, env, expected) => {
  expect(watchdogMsOf(env, 17)).toBe(expected);
});

it('gives a sign of life at half of the time and not before', () => {
  const { world, checkResult, begin } = setUp(60_000);
  begin();
  expect(world.heard).toEqual(['READY=1', 'STATUS=one', 'WATCHDOG=1']);
  expect(checkResult(29_999)).toEqual([]);
  expect(checkResult(30_000)).toEqual(['WATCHDOG=1']);
  expect(checkResult(31_000)).toEqual([]);
  expect(checkResult(60_500)).toEqual(['WATCHDOG=1']);
});

it('gives none while the poll loop does not beat, and says why', () => {
  const { world, checkResult, begin } = setUp(60_000);
  begin();
  world.liveness = { alive: false, stuckForSeconds: 31, reason: 'A poll was to begin 31 s ago and has not.' };
  expect(checkResult(30_000)).toEqual(['STATUS=A poll was to begin 31 s ago and has not.']);
  expect(checkResult(59_000)).toEqual([]);
  world.liveness = { alive: true };
  expect(checkResult(59_500)).toEqual(['STATUS=one', 'WATCHDOG=1']);
});

it('sends no keep-alive without a watchdog, and sends a status once', () => {
  const { world, checkResult, begin } = setUp();
  begin();
  expect(world.heard).toEqual(['READY=1', 'STATUS=one']);
  expect(checkResult(1e9)).toEqual([]);
  world.status = 'two';
  expect(checkResult(2e9)).toEqual(['STATUS=two']);
});

it('offers again what was not taken, in its order, and then what is true by then', () => {
  const { world, manager, checkResult, begin } = setUp(60_000);
  world.answer = 'full';
  begin();
  manager.reloading();
  for (const now of [30_000, 60_000, 90_000]) expect(checkResult(now)).toEqual([]);
  world.answer = 'sent';
  world.status = 'two';
  expect(checkResult(91_000)).toEqual([
    'READY=1',
    expect.stringContaining('RELOADING=1'),
    'STATUS=two',
    'WATCHDOG=1',
  ]);
});

it('says that the way out has begun, and after that nothing', () => {
  const { world, manager, checkResult, begin } = setUp(60_000);
  begin();
  manager.reloading();
  manager.stopping('received SIGTERM');
  manager.reloaded();
  expect(world.heard.at(-1)).toBe('STOPPING=1\nSTATUS=Stopping: received SIGTERM');
  expect(checkResult(60_000)).toEqual([]);
});

it('says nothing of reloads and stops before it has started', () => {
  const { world, manager } = setUp();
  manager.reloading();
  manager.stopping('received SIGTERM');
  expect(world.heard).toEqual([]);
});

it('reports a permanent failure once', () => {
  const { world, checkResult, begin } = setUp(60_000);
  world.answer = { errorCode: 'ECONNREFUSED' };
  begin();
  checkResult(30_000);
  checkResult(60_000);
  expect(world.failures).toEqual(['ECONNREFUSED']);
});
