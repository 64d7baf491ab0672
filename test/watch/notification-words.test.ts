import { describe, expect, test } from 'vitest';
import {
  type ReceiverFacts,
  receiverFaults,
  receiversLine,
  shortAnswer,
} from '../../src/watch/notification-words.ts';

const now = Date.UTC(2026, 10, 29, 3);
const minute = 60_000;
const mail: ReceiverFacts = { name: 'mail', state: 'working', waiting: 0 };
const failing: ReceiverFacts = {
  name: 'on-call',
  state: 'failing',
  isReported: true,
  waiting: 3,
  failingSince: now - 25.5 * minute,
  answer: 'HTTP 503: upstream is away',
};

function sentences(...receivers: readonly ReceiverFacts[]): string[] {
  return receiverFaults(receivers, now).map(({ what, more }) => `${what} ${more}`);
}

describe('the line about notifications', () => {
  test('is none where nobody is notified', () => {
    expect(receiversLine([])).toBeUndefined();
    expect(sentences()).toEqual([]);
  });

  test('names the receivers while all is well, or only a single attempt failed', () => {
    expect(receiversLine([mail, { ...failing, isReported: false }])).toBe('Notifications: mail, on-call');
    expect(sentences(mail, { ...failing, isReported: false })).toEqual([]);
  });

  test('stays short where there are many', () => {
    const many = Array.from({ length: 8 }, (_, index) => ({ ...mail, name: `r${index}` }));
    expect(receiversLine(many)).toBe('Notifications: r0, r1, r2, r3, r4 and 3 more');
  });

  test('becomes a warning where something does not arrive', () => {
    expect(receiversLine([mail, failing])).toBeUndefined();
    expect(sentences(mail, failing)).toEqual([
      'Notifications to on-call have not arrived for 25 min (HTTP 503); 3 wait.',
    ]);
    const answer = 'The connection to mail.example.com:465 failed (ECONNREFUSED)';
    expect(sentences({ ...failing, answer, waiting: 0 })).toEqual([
      'Notifications to on-call have not arrived for 25 min (The connection to mail.example.com:465 failed, ECONNREFUSED).',
    ]);
    expect(sentences({ ...failing, waiting: 1, failingSince: now - 20_000 })).toEqual([
      'Notifications to on-call have not arrived for 20 s (HTTP 503); 1 waits.',
    ]);
  });

  test('says that they have stopped where the receiver wants nothing any more', () => {
    expect(sentences({ ...failing, state: 'stopped', answer: 'HTTP 410', waiting: 0 })).toEqual([
      'Notifications to on-call have stopped (HTTP 410).',
    ]);
  });
});

test('an answer is short without what the receiver said', () => {
  expect(shortAnswer('HTTP 503: a page')).toBe('HTTP 503');
  expect(shortAnswer('The host name a.example could not be looked up')).toMatch(/looked up$/);
  expect(shortAnswer('x'.repeat(200))).toHaveLength(100);
});
