import { assert, double, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AtlasError, type AtlasErrorInit } from '../../src/atlas/atlas-error.ts';
import { errorKinds } from '../../src/atlas/error-kind.ts';
import { retryDelayMs } from '../../src/atlas/retry.ts';

const POLICY = { attempts: 10, minDelayMs: 1000, maxDelayMs: 30_000, maxRetryAfterMs: 300_000 };

function fault(init: Partial<AtlasErrorInit> = {}): AtlasError {
  return new AtlasError({ kind: 'server_error', detail: 'x', ...init });
}

describe('the delay before another attempt', () => {
  test.each([
    [1, 500, 1000],
    [2, 1000, 2000],
    [3, 2000, 4000],
    [5, 8000, 16_000],
    [6, 15_000, 30_000],
    [9, 15_000, 30_000],
  ])('after attempt %i is from %i to %i ms', (attempt, least, most) => {
    expect(retryDelayMs(fault(), attempt, POLICY, 0)).toBe(least);
    expect(retryDelayMs(fault(), attempt, POLICY, 0.999_999_9)).toBe(most);
  });

  test('is the backoff where Retry-After says 0', () => {
    expect(retryDelayMs(fault({ retryAfterMs: 0 }), 1, POLICY, 0)).toBe(retryDelayMs(fault(), 1, POLICY, 0));
  });

  test.each([
    [1, 1],
    [10_000, 10_000],
    [300_000, 300_000],
    [300_001, 300_000],
    [Number.MAX_SAFE_INTEGER, 300_000],
  ])('is what a Retry-After of %i ms says, up to the cap: %i ms, without jitter', (retryAfterMs, delayMs) => {
    expect(retryDelayMs(fault({ kind: 'rate_limited', retryAfterMs }), 1, POLICY, 0)).toBe(delayMs);
    expect(retryDelayMs(fault({ kind: 'rate_limited', retryAfterMs }), 3, POLICY, 0.9)).toBe(delayMs);
  });

  test('does not exist after the last attempt', () => {
    expect(retryDelayMs(fault(), 9, POLICY, 0)).toBe(15_000);
    expect(retryDelayMs(fault(), 10, POLICY, 0)).toBeUndefined();
    expect(retryDelayMs(fault({ retryAfterMs: 0 }), 10, POLICY, 0)).toBeUndefined();
    expect(retryDelayMs(fault(), 1, { ...POLICY, attempts: 1 }, 0)).toBeUndefined();
  });

  test('exists for transient faults only', () => {
    const transient = errorKinds.filter((kind) => retryDelayMs(fault({ kind }), 1, POLICY, 0) !== undefined);
    expect(transient).toEqual(['network', 'timeout', 'rate_limited', 'server_error']);
  });

  test('exists once where no reply came in time', () => {
    const timeout = fault({ kind: 'timeout' });
    expect(retryDelayMs(timeout, 1, POLICY, 0)).toBe(500);
    expect(retryDelayMs(timeout, 2, POLICY, 0)).toBeUndefined();
    expect(retryDelayMs(timeout, 1, { ...POLICY, attempts: 1 }, 0)).toBeUndefined();
  });

  test('does not exist where the proxy wants a login', () => {
    expect(retryDelayMs(fault({ kind: 'network', atProxy: true }), 1, POLICY, 0)).toBe(500);
    const refused = fault({ kind: 'network', atProxy: true, proxyWantsLogin: true });
    expect(retryDelayMs(refused, 1, POLICY, 0)).toBeUndefined();
  });

  test('is nothing where a kept-alive connection had gone, but for the last attempt', () => {
    const gone = fault({ kind: 'network', connectionGone: true });
    expect(retryDelayMs(gone, 9, POLICY, 0.5)).toBe(0);
    expect(retryDelayMs(gone, 10, POLICY, 0.5)).toBeUndefined();
  });

  test('does not exist for refused credentials', () => {
    expect(retryDelayMs(fault({ kind: 'unauthorized' }), 1, POLICY, 0)).toBeUndefined();
  });

  test('stays within its bounds under any policy', () => {
    const policies = record({
      attempts: integer({ min: 2, max: 1000 }),
      minDelayMs: integer({ min: 0, max: 60_000 }),
      maxDelayMs: integer({ min: 0, max: 3_600_000 }),
      maxRetryAfterMs: integer({ min: 0, max: 3_600_000 }),
    });
    const random = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    assert(
      property(policies, integer({ min: 1, max: 999 }), random, (policy, attempt, chance) => {
        const delayMs = retryDelayMs(fault(), attempt, policy, chance);
        if (attempt >= policy.attempts) {
          expect(delayMs).toBeUndefined();
          return;
        }
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(
          Math.floor(Math.min(policy.minDelayMs, policy.maxDelayMs) / 2),
        );
        expect(delayMs).toBeLessThanOrEqual(policy.maxDelayMs);
      }),
    );
  });
});
