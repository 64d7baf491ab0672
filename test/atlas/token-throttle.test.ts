import { expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import {
  afterFailure,
  afterSending,
  type TokenThrottle,
  tokenWaitMs,
  unthrottled,
} from '../../src/atlas/token-throttle.ts';

const sentAt = (...times: number[]): TokenThrottle => ({ sentAt: times });
const ten = Array.from({ length: 10 }, (_, index) => 1000 + index);

test.each<[TokenThrottle, number, number]>([
  [unthrottled, 0, 0],
  [sentAt(...ten.slice(1)), 1010, 0],
  [sentAt(...ten), 1010, 59_990],
  [sentAt(...ten), 60_999, 1],
  [sentAt(...ten), 61_000, 0],
  // The clock was set back.
  [sentAt(...ten), 500, 0],
])('after %j the next token request waits, at %d, %d ms', (pace, now, waitMs) => {
  expect(tokenWaitMs(pace, now)).toBe(waitMs);
});

test('never more than 10 are sent within any 60 s, however often one is wanted', () => {
  const sent: number[] = [];
  let pace = unthrottled;
  for (let now = 0; now < 300_000; now += 500) {
    if (tokenWaitMs(pace, now) > 0) continue;
    sent.push(now);
    pace = afterSending(pace, now);
  }
  expect(sent).toHaveLength(50);
  for (const at of sent)
    expect(sent.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(10);
});

test.each([
  ['a refusal', { kind: 'unauthorized' }, 30_000],
  ['an asked-for pause', { kind: 'rate_limited', retryAfterMs: 7000 }, 7000],
  ['an endless asked-for pause', { kind: 'rate_limited', retryAfterMs: 1e12 }, 300_000],
  ['a passing fault', { kind: 'network' }, 0],
] as const)('%s makes the next one wait', (_, fault, waitMs) => {
  const error = new AtlasError({ detail: 'x', ...fault });
  const pace = afterFailure(afterSending(unthrottled, 1000), error, 2000);
  expect(tokenWaitMs(pace, 2000)).toBe(waitMs);
  expect(tokenWaitMs(pace, 2000 + waitMs)).toBe(0);
  expect(pace.failure?.error).toBe(error);
  expect(afterSending(pace, 9000).failure).toBeUndefined();
});
