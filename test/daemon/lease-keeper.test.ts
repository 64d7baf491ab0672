import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeaseKeeper, leaseTrust } from '../../src/daemon/lease-keeper.ts';
import { FencedError, StateError } from '../../src/state/store.ts';

const leaseMs = 30_000;
const away = new StateError('db: it cannot be reached.', { reason: 'unreachable' });
const fenced = new FencedError('db: another watcher has taken over.');

describe('a lease', () => {
  it('is trusted until a second before it ends, counted from the start of the request that renewed it', () => {
    const facts = { renewedAt: 1_000, leaseMs, failedAt: undefined };
    expect(leaseTrust(facts, 1_000 + 28_999)).toBe('trusted');
    expect(leaseTrust(facts, 1_000 + 29_000)).toBe('unknown');
  });

  it('is trusted whether or not the store can be reached, until then', () => {
    expect(leaseTrust({ renewedAt: 0, leaseMs, failedAt: 20_000 }, 28_000)).toBe('trusted');
    expect(leaseTrust({ renewedAt: 0, leaseMs, failedAt: 28_000 }, 30_000)).toBe('unreachable');
  });

  it('is in doubt where the store was not asked for long, as after the process was suspended', () => {
    expect(leaseTrust({ renewedAt: 0, leaseMs, failedAt: 20_000 }, 3_600_000)).toBe('unknown');
  });
});

/** A keeper whose store answers as the test says. */
function keeperOf() {
  const answers: (Error | undefined)[] = [];
  const set = {
    usual: undefined as Error | undefined,
    renewals: 0,
    releases: 0,
    fenced: 0,
    faults: [] as unknown[],
  };
  const keeper = new LeaseKeeper(
    {
      lease: {
        look: () => Promise.reject(away),
        take: () => Promise.reject(away),
        renew: () => {
          set.renewals += 1;
          const error = answers.length > 0 ? answers.shift() : set.usual;
          return error === undefined ? Promise.resolve() : Promise.reject(error);
        },
        release: () => {
          set.releases += 1;
          return Promise.resolve();
        },
      },
      leaseMs,
      monotonic: () => performance.now(),
      onFenced: () => {
        set.fenced += 1;
      },
      onFault: (error) => set.faults.push(error),
    },
    performance.now(),
  );
  return Object.assign(set, { keeper, answers });
}

describe('the holder of a lease', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('renews it three times in its length, and polls without a question', async () => {
    const set = keeperOf();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(set.renewals).toBe(6);
    expect([set.keeper.isTrusted, set.keeper.mayPoll()]).toEqual([true, true]);
  });

  it('tries again every second while the store cannot be reached, and goes on when its trust has ended', async () => {
    const set = keeperOf();
    set.usual = away;
    await vi.advanceTimersByTimeAsync(28_900);
    expect(set.keeper.isTrusted).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect([set.keeper.isTrusted, set.keeper.mayPoll(), set.renewals]).toEqual([false, true, 20]);
    set.usual = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([set.keeper.isTrusted, set.fenced, set.faults]).toEqual([true, 0, []]);
  });

  it('polls no more where another watcher has taken over, and says so once', async () => {
    const set = keeperOf();
    set.usual = fenced;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([set.keeper.isTrusted, set.keeper.mayPoll(), set.fenced]).toEqual([false, false, 1]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(set.renewals).toBe(1);
  });

  it('is told by a commit that another watcher has taken over, once', () => {
    const set = keeperOf();
    set.keeper.fence();
    set.keeper.fence();
    expect([set.fenced, set.keeper.mayPoll()]).toEqual([1, false]);
  });

  it('gives it back at the end, and not where it is lost', async () => {
    const held = keeperOf();
    await held.keeper.close();
    const lost = keeperOf();
    lost.keeper.fence();
    await lost.keeper.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([held.releases, lost.releases, held.renewals]).toEqual([1, 0, 0]);
  });
});

describe('a holder that was suspended', () => {
  it('waits for the answer of the store before it polls', async () => {
    let now = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const keeper = new LeaseKeeper(
      {
        lease: {
          look: () => Promise.reject(away),
          take: () => Promise.reject(away),
          renew: () => promise,
          release: () => Promise.resolve(),
        },
        leaseMs,
        monotonic: () => now,
        onFenced: () => {},
        onFault: () => {},
      },
      0,
    );
    now = 3_600_000;
    const may = keeper.mayPoll();
    expect(may).toBeInstanceOf(Promise);
    resolve();
    expect(await may).toBe(true);
    expect(keeper.mayPoll()).toBe(true);
    await keeper.close();
  });
});
