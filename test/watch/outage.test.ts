import { describe, expect, test } from 'vitest';
import type { ErrorKind } from '../../src/atlas/error-kind.ts';
import type { Outage } from '../../src/state/migration-state.ts';
import { failOnce, isRecoveryNews, type Others } from '../../src/watch/outage.ts';
import { alone, hour, minute, policy, start } from './orders.ts';

const alike: Others = { total: 4, read: 0, failed: 4, kinds: new Set<ErrorKind>(['network']), told: false };
const toldByAnother: Others = { ...alike, told: true };
const oneIsRead: Others = { ...alike, read: 1, failed: 3 };
const mixed: Others = { ...alike, kinds: new Set<ErrorKind>(['network', 'server_error']) };
const about = { failures: 2, since: start };

describe('one more failed poll', () => {
  test.each<[string, Outage | undefined, Others, ErrorKind, Outage['told'], string]>([
    ['the first', undefined, alone, 'network', undefined, 'none'],
    ['the second', { failures: 1, since: start }, alone, 'network', undefined, 'none'],
    ['the third, of the only migration', about, alone, 'network', 'for itself', 'begun'],
    ['the third, the others can be read', about, oneIsRead, 'network', 'for itself', 'begun'],
    ['the third, the others fail in another way', about, mixed, 'network', 'for itself', 'begun'],
    ['the third, as all the others', about, alike, 'network', 'for all', 'begun'],
    ['the third, another has told it', about, toldByAnother, 'network', 'by another', 'none'],
    [
      'the third, but wrong ids are never shared',
      about,
      { ...alike, kinds: new Set(['not_found']) },
      'not_found',
      'for itself',
      'begun',
    ],
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
      { ...toldByAnother, failed: 0, kinds: new Set() },
      'network',
      'by another',
      'none',
    ],
    [
      'the third, the others time out, which is the same',
      about,
      { ...alike, kinds: new Set(['timeout']) },
      'network',
      'for all',
      'begun',
    ],
    [
      'the third, but the others were not polled yet',
      about,
      { ...alike, failed: 0, kinds: new Set() },
      'network',
      'for itself',
      'begun',
    ],
    [
      'a later one, told for all, who are back',
      { ...about, told: 'for all', toldAt: start },
      oneIsRead,
      'network',
      'for itself',
      'begun',
    ],
    [
      'a later one, told by another who is watched no more',
      { ...about, told: 'by another' },
      alike,
      'network',
      'for all',
      'lasts',
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
  });

  test('reminds of an outage that lasts, as often as of a cutover', () => {
    const told: Outage = { failures: 3, since: start, told: 'for all', toldAt: start };
    const hoursLater = (hours: number, rules = policy) =>
      failOnce(told, 'network', start + hours * hour, alike, rules);
    expect(hoursLater(11.9).news).toBe('none');
    expect(hoursLater(12)).toEqual({
      outage: { ...told, failures: 4, toldAt: start + 12 * hour },
      news: 'lasts',
    });
    expect(hoursLater(100, { ...policy, remindEveryMs: 0 }).news).toBe('none');
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
