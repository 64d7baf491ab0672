import { expect, test } from 'vitest';
import { RequestLog } from '../../src/simulator/request-log.ts';

test('the log keeps the latest 10,000 requests and counts them all', () => {
  const log = new RequestLog();
  for (let at = 0; at < 10_005; at += 1) {
    log.record({ method: 'GET', path: '/', status: at < 3 ? 401 : 200, at, userAgent: '' });
  }
  expect(log.requests).toHaveLength(10_000);
  expect(log.requests[0]?.at).toBe(5);
  expect(log.requests.at(-1)?.at).toBe(10_004);
  expect(log.counts).toEqual({ total: 10_005, byStatus: { 200: 10_002, 401: 3 } });
});
