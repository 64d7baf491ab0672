import { describe, expect, test } from 'vitest';
import type { ErrorKind } from '../../src/atlas/error-kind.ts';
import type { Outage } from '../../src/state/migration-state.ts';
import { failOnce, isRecoveryNews, type Others } from '../../src/watch/outage.ts';
import { alone, hour, minute, policy, start } from './sample-migrations.ts';

const alike: Others = { read: 0, failed: 4, unheard: 0, told: false };
const toldByAnother: Others = { ...alike, told: true };
const oneIsRead: Others = { ...alike, read: 1, failed: 3 };
const about = { failures: 2, since: start };

describe('one more failed poll', () => {
  test.each<[string, Outage | undefined, Others, ErrorKind, Outage['told'], string]>([
    ['the first', undefined, alone, 'network', undefined, 'none'],
    ['the second', { failures: 1, since: start }, alone, 'network', undefined, 'none'],
    ['the third, of the only migration', about, alone, 'network', 'for itself', 'begun'],
    ['the third, the others can be read', about, oneIsRead, 'network', 'for itself', 'begun'],
    ['the third, as all the others', about, alike, 'network', 'for all', 'begun'],
    ['the third, another has told it', about, toldByAnother, 'network', 'by another', 'none'],
    ['the third, but wrong ids are never shared', about, alike, 'not_found', 'for itself', 'begun'],
    [
      'a later one, told by another',
      { ...about, told: 'by another' },
      toldByAnother,
      'network',
      'by another',
      'none',
    ],
    [
      'a later one, told by another that is back',
      { ...about, told: 'by another' },
      oneIsRead,
      'network',
      'for itself',
      'begun',
    ],
    [
      'the same after a restart, nothing polled yet',
      { ...about, told: 'by another' },
      { ...toldByAnother, failed: 0, unheard: 4 },
      'network',
      'by another',
      'none',
    ],
    [
      'the third, but the others were not polled for a minute',
      about,
      { ...alike, failed: 0, unheard: 4 },
      'network',
      'for itself',
      'begun',
    ],
    [
      'a later one, told for all, some of whom are back',
      { ...about, told: 'for all', toldAt: start },
      oneIsRead,
      'network',
      'before',
      'over',
    ],
    [
      'a later one, told for all, but now it is not found',
      { ...about, told: 'for all', toldAt: start },
      alike,
      'not_found',
      'before',
      'over',
    ],
    [
      'a later one, told for itself, now that all fail',
      { ...about, told: 'for itself', toldAt: start },
      alike,
      'network',
      'for itself',
      'none',
    ],
    [
      'a later one, of an outage of all that has ended, while all fail again',
      { ...about, told: 'before' },
      alike,
      'network',
      'for all',
      'begun',
    ],
    [
      'a later one, told for itself',
      { ...about, told: 'for itself', toldAt: start },
      alone,
      'network',
      'for itself',
      'none',
    ],
  ])('%s', (_, former, others, kind, told, news) => {
    const step = failOnce(former, kind, start + minute, others, policy);
    expect({ told: step.outage.told, news: step.news }).toEqual({ told, news });
    expect(step.outage).toMatchObject({ failures: (former?.failures ?? 0) + 1 });
    expect(step.outage.migrations).toBe(told === 'for all' ? 5 : undefined);
  });

  const unheard: Others = { ...alike, failed: 0, unheard: 4 };
  const someUnheard: Others = { ...alike, failed: 1, unheard: 3 };
  test.each<[string, Others, ErrorKind, number, Outage['told'], string]>([
    ['waits for those not read since', unheard, 'network', 15_000, undefined, 'none'],
    ['waits for the rest of them', someUnheard, 'network', 15_000, undefined, 'none'],
    ['waits no longer than a minute', unheard, 'network', minute, 'for itself', 'begun'],
    ['is shared by all that were heard in a minute', someUnheard, 'network', minute, 'for all', 'begun'],
    [
      'does not wait once one was read',
      { ...unheard, read: 1, unheard: 3 },
      'network',
      15_000,
      'for itself',
      'begun',
    ],
    ['does not wait where it cannot be shared', unheard, 'not_found', 15_000, 'for itself', 'begun'],
    ['does not wait with a clock that was set back', unheard, 'network', -hour, 'for itself', 'begun'],
    [
      'keeps quiet after another told it',
      { ...unheard, told: true },
      'network',
      15_000,
      'by another',
      'none',
    ],
  ])('that is the third %s', (_, others, kind, afterMs, told, news) => {
    const step = failOnce(about, kind, start + afterMs, others, policy);
    expect({ told: step.outage.told, news: step.news }).toEqual({ told, news });
  });

  const rarely = { ...policy, slowestPollMs: 5 * minute };
  const hourly = { ...policy, slowestPollMs: hour };
  const toldAlready: Outage = { ...about, told: 'for itself', toldAt: start };
  test.each<[string, Outage, Others, number, typeof policy, Outage['told'], string]>([
    ['waits for those polled every five minutes', about, someUnheard, 5 * minute, rarely, undefined, 'none'],
    ['waits no longer than those take', about, someUnheard, 5.5 * minute, rarely, 'for all', 'begun'],
    ['waits for ten minutes at most', about, someUnheard, 10 * minute, hourly, 'for all', 'begun'],
    [
      'speaks for all who fail with it, without a word',
      toldAlready,
      alike,
      50 * minute,
      hourly,
      'for all',
      'none',
    ],
    [
      'speaks for itself where the others fail later',
      toldAlready,
      alike,
      70 * minute,
      hourly,
      'for itself',
      'none',
    ],
  ])('where polls are rare, %s', (_, former, others, afterMs, rules, told, news) => {
    const step = failOnce(former, 'network', start + afterMs, others, rules);
    expect({ told: step.outage.told, news: step.news }).toEqual({ told, news });
    expect(step.outage.migrations !== undefined).toBe(told === 'for all');
  });

  test('is told at once, if it is the first and people want to be told of that', () => {
    const { news } = failOnce(undefined, 'network', start, unheard, { ...policy, unreachableAfter: 1 });
    expect(news).toBe('begun');
  });

  test('reminds of an outage that lasts, as often as of a cutover', () => {
    const told: Outage = { failures: 3, since: start, told: 'for all', toldAt: start };
    const hoursLater = (hours: number, rules = policy) =>
      failOnce(told, 'network', start + hours * hour, alike, rules);
    expect(hoursLater(11.9).news).toBe('none');
    expect(hoursLater(12)).toEqual({
      outage: { ...told, failures: 4, toldAt: start + 12 * hour, migrations: 5 },
      news: 'lasts',
    });
    expect(hoursLater(100, { ...policy, remindEveryMs: 0 }).news).toBe('none');
  });

  test('reminds in time after a clock that was a month ahead is set right', () => {
    const told: Outage = { failures: 3, since: start, told: 'for itself', toldAt: start + 720 * hour };
    const { outage, news } = failOnce(told, 'network', start + hour, alone, policy);
    expect(news).toBe('none');
    expect(failOnce(outage, 'network', start + 12.9 * hour, alone, policy).news).toBe('none');
    expect(failOnce(outage, 'network', start + 13 * hour, alone, policy).news).toBe('lasts');
  });
});

test.each<[string, Outage['told'], boolean]>([
  ['of its own outage', 'for itself', true],
  ['of a shared one that it told', 'for all', true],
  ['of a shared one told by another', 'by another', false],
  ['of one that nobody was told of', undefined, false],
])('coming out %s is news or not', (_, told, expected) => {
  expect(isRecoveryNews({ failures: 5, since: start, ...(told !== undefined && { told }) })).toBe(expected);
});
