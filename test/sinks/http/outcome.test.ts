import { describe, expect, test } from 'vitest';
import type { HttpReply } from '../../../src/atlas/transport.ts';
import { outcomeOf } from '../../../src/sinks/http/outcome.ts';

const now = Date.UTC(2026, 10, 23, 23, 0, 0);

function reply(status: number, body = '', headers: HttpReply['headers'] = {}): HttpReply {
  return { status, headers, body, redact: (text) => text.replaceAll('abcdefghijkl', '[redacted]') };
}

test.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [299, 'delivered'],
  [301, 'refused'],
  [304, 'refused'],
  [400, 'rejected'],
  [401, 'refused'],
  [402, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [405, 'refused'],
  [408, 'failed'],
  [410, 'gone'],
  [413, 'rejected'],
  [418, 'refused'],
  [422, 'rejected'],
  [425, 'failed'],
  [429, 'failed'],
  [500, 'failed'],
  [501, 'failed'],
  [503, 'failed'],
  [599, 'failed'],
] as const)('HTTP %i is %s', (status, result) => {
  for (const type of ['webhook', 'slack', 'teams', 'pagerduty'] as const) {
    const outcome = outcomeOf(type, reply(status), now);
    expect(outcome).toMatchObject({ result, answer: `HTTP ${status}`, status });
    expect(outcome.remedy).toMatch(result === 'delivered' ? /^$/ : /^[A-Z].*\.$/);
    expect(outcome.remedy).not.toContain('Atlas');
  }
});

describe('a pause that is asked for', () => {
  test.each([
    { rule: 'in seconds', value: '120', ms: 120_000 },
    { rule: 'as a date', value: 'Mon, 23 Nov 2026 23:02:00 GMT', ms: 120_000 },
    { rule: 'as a date that is over', value: 'Mon, 23 Nov 2026 22:00:00 GMT', ms: 0 },
    { rule: 'as something else', value: 'soon', ms: undefined },
  ])('$rule', ({ value, ms }) => {
    for (const status of [429, 503, 403])
      expect(outcomeOf('webhook', reply(status, '', { 'retry-after': value }), now).retryAfterMs).toBe(ms);
    expect(outcomeOf('webhook', reply(400, '', { 'retry-after': value }), now).retryAfterMs).toBeUndefined();
  });
});

test('the answer has the beginning of what the receiver says, on one line and without secrets', () => {
  const said = `invalid_payload\r\n\u001B[31m for abcdefghijkl ${'x'.repeat(500)}`;
  const { answer } = outcomeOf('slack', reply(400, said), now);
  expect(answer).toMatch(/^HTTP 400: invalid_payload \[31m for \[redacted\] x+… \[cut\]$/);
  expect(answer.length).toBeLessThanOrEqual('HTTP 400: '.length + 200);
});

test.each([
  {
    rule: 'a wrong routing key',
    type: 'pagerduty',
    body: '{"status":"invalid event","message":"Event object is invalid","errors":["Length of \'routing_key\' is incorrect (should be 32 characters)"]}',
    remedy: /routing key/,
  },
  {
    rule: 'a workflow that was turned off',
    type: 'teams',
    body: '{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"Could not execute workflow \'abc\' trigger \'manual\' with state \'Disabled\': trigger is not enabled."}}',
    remedy: /turned on/,
  },
] as const)('$rule is put right, and loses no event', ({ type, body, remedy }) => {
  expect(outcomeOf(type, reply(400, body), now)).toMatchObject({
    result: 'refused',
    remedy: expect.stringMatching(remedy),
  });
});
