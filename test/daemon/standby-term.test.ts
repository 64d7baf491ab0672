import { describe, expect, it } from 'vitest';
import { isToTakeOver } from '../../src/daemon/standby-term.ts';

const leaseMs = 30_000;
const running = { holder: 'db-2 (pid 812)', remainingMs: 12_000 };
const expired = { ...running, remainingMs: -1 };
const free = { holder: undefined, remainingMs: 0 };

describe('a standby takes over', () => {
  it('when the lease was given back or has expired, and not before', () => {
    const takes = [running, expired, free].map((lease) =>
      isToTakeOver({ lease, leaseMs, backSince: undefined }, 1_000_000),
    );
    expect(takes).toEqual([false, true, true]);
  });

  it('a whole lease after the store was out of reach, so that the holder can come back first', () => {
    const facts = { lease: expired, leaseMs, backSince: 100_000 };
    const takes = [100_000, 129_999, 130_000].map((now) => isToTakeOver(facts, now));
    expect(takes).toEqual([false, false, true]);
  });

  it('at once after the store was out of reach, where the lease was given back', () => {
    expect(isToTakeOver({ lease: free, leaseMs, backSince: 100_000 }, 100_000)).toBe(true);
  });
});
