import { describe, expect, test } from 'vitest';
import { localTimes } from '../../src/cli/local-times.ts';

const writtenAt = Date.UTC(2026, 10, 28, 14, 43);

describe('in the zone of the reader', () => {
  test.each([
    { zone: 'Europe/Berlin', text: 'Thu 3 Dec 15:43 CET' },
    { zone: 'UTC', text: 'Thu 3 Dec 14:43 UTC' },
    { zone: 'Asia/Kolkata', text: 'Thu 3 Dec 20:13 GMT+5:30' },
    { zone: 'Pacific/Auckland', text: 'Fri 4 Dec 03:43 GMT+13' },
  ])('a moment is $text in $zone', ({ zone, text }) => {
    expect(localTimes(zone).momentOf(Date.UTC(2026, 11, 3, 14, 43, 20))).toBe(text);
  });

  test.each([
    {
      rule: 'a deadline',
      sentence: 'Cut over within 5 d (before Thu 3 Dec 23:43 UTC): then it stops.',
      shown: 'Cut over within 5 d (before Fri 4 Dec 00:43): then it stops.',
    },
    { rule: 'seconds', sentence: 'until Sat 28 Nov 14:43:20 UTC.', shown: 'until Sat 28 Nov 15:43:20.' },
    {
      rule: 'a time of today',
      sentence: 'Not watching since 13:02 UTC.',
      shown: 'Not watching since 14:02.',
    },
    { rule: 'summer time', sentence: 'since Tue 1 Sep 10:00 UTC', shown: 'since Tue 1 Sep 12:00' },
    { rule: 'the next year', sentence: 'until Fri 1 Jan 23:30 UTC', shown: 'until Sat 2 Jan 00:30' },
    { rule: 'no moment of a record', sentence: 'at 2026-11-28 23:00 UTC', shown: 'at 2026-11-28 23:00 UTC' },
    { rule: 'no day that is none', sentence: 'Foo 99 Bar 10:00 UTC', shown: 'Foo 99 Bar 10:00 UTC' },
  ])('a sentence of the log has $rule', ({ sentence, shown }) => {
    expect(localTimes('Europe/Berlin').translate(sentence, writtenAt)).toBe(shown);
  });
});
