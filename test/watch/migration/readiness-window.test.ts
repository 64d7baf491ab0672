import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Readiness } from '../../../src/state/migration-state.ts';
import { hasNoticeDue } from '../../../src/watch/migration/deadline-events.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import {
  afterClockCorrection,
  dueNotices,
  type Notice,
  nextNoticeAt,
  withNotices,
} from '../../../src/watch/migration/readiness-window.ts';
import { hour, policy, start } from '../sample-migrations.ts';

const ready: Readiness = { since: start, sinceKnown: true };

/** Looks at the clock at each of these hours after readiness began, as a watcher does; returns the notices that were due. */
function look(hours: readonly number[], rules = policy, from = ready): readonly (readonly string[])[] {
  let readiness = from;
  return hours.map((at) => {
    readiness = afterClockCorrection(readiness, start + at * hour, rules);
    const notices = dueNotices(readiness, start + at * hour, rules);
    readiness = withNotices(readiness, notices, rules);
    return notices.map(wordOf);
  });
}

function wordOf(notice: Notice): string {
  const at = `${(notice.dueAt - start) / hour}h`;
  if (notice.kind !== 'near') return `${notice.kind} ${at}`;
  return `${notice.thresholdMs / hour}h left${notice.last ? ', the last warning,' : ''} ${at}`;
}

describe('the window of a readiness', () => {
  test('an hour at a time gives each reminder, threshold and the end once', () => {
    const notices = look(Array.from({ length: 130 }, (_, index) => index)).flat();
    expect(notices).toEqual([
      ...[12, 24, 36, 48, 60].map((at) => `reminder ${at}h`),
      'reminder 72h',
      '48h left 72h',
      'reminder 84h',
      'reminder 96h',
      '24h left 96h',
      'reminder 108h',
      '6h left 114h',
      '1h left, the last warning, 119h',
      'reminder 120h',
      'passed 120h',
    ]);
  });

  test.each<[string, readonly number[], readonly (readonly string[])[]]>([
    ['nothing is due at once', [0, 11.9], [[], []]],
    [
      'of reminders missed the latest stands for all',
      [0, 37, 47.9, 48],
      [[], ['reminder 36h'], [], ['reminder 48h']],
    ],
    [
      'every threshold missed is due',
      [0, 121],
      [
        [],
        [
          'reminder 120h',
          '48h left 72h',
          '24h left 96h',
          '6h left 114h',
          '1h left, the last warning, 119h',
          'passed 120h',
        ],
      ],
    ],
    [
      'a clock set back by seconds repeats nothing',
      [72, 72 - 4 / 3600, 72, 73],
      [['reminder 72h', '48h left 72h'], [], [], []],
    ],
    [
      'what a clock that was wrong for a moment made due too early is due again at the right time',
      [60, 121, 60.1, 71, 72, 96, 114, 119, 120],
      [
        ['reminder 60h'],
        [
          'reminder 120h',
          '48h left 72h',
          '24h left 96h',
          '6h left 114h',
          '1h left, the last warning, 119h',
          'passed 120h',
        ],
        ['reminder 60h'],
        [],
        ['reminder 72h', '48h left 72h'],
        ['reminder 96h', '24h left 96h'],
        ['reminder 108h', '6h left 114h'],
        ['1h left, the last warning, 119h'],
        ['reminder 120h', 'passed 120h'],
      ],
    ],
  ])('%s', (_, hours, expected) => {
    expect(look(hours)).toEqual(expected);
  });

  test('no reminders where they are turned off, no warnings where there are none', () => {
    const rules = { ...policy, remindEveryMs: 0, warnBeforeMs: [] };
    expect(look([50, 119, 120, 500], rules)).toEqual([[], [], ['passed 120h'], []]);
    expect(
      nextNoticeAt({ ...ready, deadlinePassed: true, warnedOf: start + 120 * hour }, start, rules),
    ).toBeUndefined();
  });

  test('a longer window, as after an extension in the console, has warnings of its own', () => {
    const noticed = withNotices(ready, dueNotices(ready, start + 130 * hour, policy), policy);
    const extended = { ...policy, windowMs: 240 * hour, remindEveryMs: 0 };
    expect(look([130, 191, 192, 300], extended, noticed)).toEqual([
      [],
      [],
      ['48h left 192h'],
      ['24h left 216h', '6h left 234h', '1h left, the last warning, 239h', 'passed 240h'],
    ]);
  });

  test('reminders of another rhythm begin with the next of theirs', () => {
    const reminded = { ...ready, remindedAt: start + 12 * hour };
    expect(look([12.5, 15, 20], { ...policy, remindEveryMs: 5 * hour }, reminded)).toEqual([
      [],
      ['reminder 15h'],
      ['reminder 20h'],
    ]);
  });
});

describe('a readiness first seen by a clock that was ahead', () => {
  const ahead: Readiness = {
    since: start + 720 * hour,
    sinceKnown: true,
    remindedAt: start + 732 * hour,
    warnedMs: [48 * hour],
    deadlinePassed: true,
    warnedOf: start + 840 * hour,
  };

  test('counts from the first look of a clock that was set right, and of an unknown beginning', () => {
    expect(afterClockCorrection(ahead, start, policy)).toEqual({ since: start, sinceKnown: false });
    expect(look([0, 12, 72, 119, 120], policy, ahead)).toEqual([
      [],
      ['reminder 12h'],
      ['reminder 72h', '48h left 72h'],
      ['reminder 108h', '24h left 96h', '6h left 114h', '1h left, the last warning, 119h'],
      ['reminder 120h', 'passed 120h'],
    ]);
  });

  test.each<[string, number, boolean]>([
    ['a month', 720 * hour, true],
    ['six seconds', 6_000, true],
    ['five seconds, as clocks are now and then', 5_000, false],
    ['nothing', 0, false],
  ])('is looked at at once when the clock was ahead by %s: %s', (_, aheadMs, due) => {
    const state = { ...initialState(start), readiness: { since: start + aheadMs, sinceKnown: true } };
    expect(hasNoticeDue(state, start, policy)).toBe(due);
  });
});

it('no notice is due twice, and none before the moment that was announced', () => {
  const hours = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 30 });
  fc.assert(
    fc.property(hours, (moments) => {
      let readiness = ready;
      const noticed: string[] = [];
      for (const at of moments.toSorted((a, b) => a - b)) {
        const now = start + at * hour;
        const next = nextNoticeAt(readiness, now, policy);
        const notices = dueNotices(readiness, now, policy);
        expect(notices.length > 0).toBe(next !== undefined && next <= now);
        readiness = withNotices(readiness, notices, policy);
        noticed.push(...notices.map(wordOf));
      }
      expect(new Set(noticed).size).toBe(noticed.length);
    }),
  );
});
