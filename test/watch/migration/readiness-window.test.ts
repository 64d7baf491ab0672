import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Readiness } from '../../../src/state/migration-state.ts';
import { hasNoticeDue } from '../../../src/watch/migration/deadline-events.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import {
  afterClockCorrection,
  dueNotice,
  type Notice,
  nextNoticeAt,
  withNotice,
} from '../../../src/watch/migration/readiness-window.ts';
import { hour, policy, start } from '../sample-migrations.ts';

const ready: Readiness = { since: start, sinceKnown: true };

/** Looks at the clock at each of these hours after readiness began, as a watcher does; returns the notice that was due, or ''. */
function look(hours: readonly number[], rules = policy, from = ready): readonly string[] {
  let readiness = from;
  return hours.map((at) => {
    const now = start + at * hour;
    readiness = afterClockCorrection(readiness, now, rules);
    const notice = dueNotice(readiness, now, rules);
    if (notice === undefined) return '';
    readiness = withNotice(readiness, notice, now, rules);
    return wordOf(notice);
  });
}

function wordOf(notice: Notice): string {
  const at = `${(notice.dueAt - start) / hour}h`;
  if (notice.kind !== 'near') return `${notice.kind} ${at}`;
  const also = notice.alsoDueMs.map((ms) => ` and ${ms / hour}h`).join('');
  return `${notice.thresholdMs / hour}h left${also}${notice.last ? ', the last warning,' : ''} ${at}`;
}

describe('the window of a readiness', () => {
  test('an hour at a time gives each threshold and the end once, and a reminder where nothing else is due', () => {
    const notices = look(Array.from({ length: 130 }, (_, index) => index)).filter((word) => word !== '');
    expect(notices).toEqual([
      ...[12, 24, 36, 48, 60].map((at) => `reminder ${at}h`),
      '48h left 72h',
      'reminder 84h',
      '24h left 96h',
      'reminder 108h',
      '6h left 114h',
      '1h left, the last warning, 119h',
      'passed 120h',
    ]);
  });

  test.each<[string, readonly number[], readonly string[]]>([
    ['nothing is due at once', [0, 11.9], ['', '']],
    [
      'of reminders missed the latest stands for all',
      [0, 37, 47.9, 48],
      ['', 'reminder 36h', '', 'reminder 48h'],
    ],
    [
      'of thresholds missed the most urgent stands for all, and for the reminder',
      [0, 108, 108.1, 114],
      ['', '24h left and 48h 96h', '', '6h left 114h'],
    ],
    [
      'after the end only that it has passed is due, and then reminders',
      [0, 130, 131, 132],
      ['', 'passed 120h', '', 'reminder 132h'],
    ],
    [
      'a clock set back by seconds repeats nothing',
      [72, 72 - 4 / 3600, 72, 73],
      ['48h left 72h', '', '', ''],
    ],
    [
      'what a clock that was wrong for a moment made due too early is due again at the right time',
      [60, 121, 60.1, 71, 72, 96, 114, 119, 120],
      [
        'reminder 60h',
        'passed 120h',
        'reminder 60h',
        '',
        '48h left 72h',
        '24h left 96h',
        '6h left 114h',
        '1h left, the last warning, 119h',
        'passed 120h',
      ],
    ],
  ])('%s', (_, hours, expected) => {
    expect(look(hours)).toEqual(expected);
  });

  test('a threshold that is added while a more urgent warning was emitted is no news', () => {
    const warned = { ...ready, warnedMs: [24 * hour], warnedOf: start + 120 * hour };
    const rules = { ...policy, remindEveryMs: 0, warnBeforeMs: [36, 24, 6].map((hours) => hours * hour) };
    expect(look([100, 114], rules, warned)).toEqual(['', '6h left, the last warning, 114h']);
  });

  test('no reminders where they are turned off, no warnings where there are none', () => {
    const rules = { ...policy, remindEveryMs: 0, warnBeforeMs: [] };
    expect(look([50, 119, 120, 500], rules)).toEqual(['', '', 'passed 120h', '']);
    expect(
      nextNoticeAt({ ...ready, deadlinePassed: true, warnedOf: start + 120 * hour }, start, rules),
    ).toBeUndefined();
  });

  test('a longer window, as after an extension in the console, has warnings of its own', () => {
    const passed = {
      ...ready,
      warnedMs: [48 * hour],
      deadlinePassed: true,
      warnedOf: start + 120 * hour,
    } as const;
    const extended = { ...policy, windowMs: 240 * hour, remindEveryMs: 0 };
    expect(look([130, 191, 192, 300], extended, passed)).toEqual(['', '', '48h left 192h', 'passed 240h']);
  });

  test('reminders of another rhythm begin with the next of theirs', () => {
    const reminded = { ...ready, remindedAt: start + 12 * hour };
    expect(look([12.5, 15, 20], { ...policy, remindEveryMs: 5 * hour }, reminded)).toEqual([
      '',
      'reminder 15h',
      'reminder 20h',
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
      '',
      'reminder 12h',
      '48h left 72h',
      '1h left and 24h and 6h, the last warning, 119h',
      'passed 120h',
    ]);
  });

  test('keeps what its lag shows of the cutover', () => {
    const cutover = { withoutLag: 3, startedAt: start + 721 * hour };
    expect(afterClockCorrection({ ...ahead, cutover }, start, policy)).toMatchObject({
      since: start,
      cutover,
    });
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
        const notice = dueNotice(readiness, now, policy);
        expect(notice !== undefined).toBe(next !== undefined && next <= now);
        if (notice === undefined) continue;
        readiness = withNotice(readiness, notice, now, policy);
        noticed.push(`${notice.kind} ${notice.dueAt}`);
      }
      expect(new Set(noticed).size).toBe(noticed.length);
    }),
  );
});
