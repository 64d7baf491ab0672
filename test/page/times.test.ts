import { expect, test } from 'vitest';
import {
  ago,
  axisTimes,
  countdown,
  fullText,
  localText,
  timeSteps,
  utcText,
  zonedText,
} from '../../src/page/times.ts';

test.each([
  [1, '00:01'],
  [725, '12:05'],
  [3_599, '59:59'],
  [3_600, '1 h 00 min'],
  [18_180, '5 h 03 min'],
  [86_399, '23 h 59 min'],
  [86_400, '1 d 0 h'],
  [428_405, '4 d 23 h'],
])('a time left of %d s is shown as %s', (seconds, text) => {
  expect(countdown(seconds)).toBe(text);
});

test.each([
  [-3, 'now'],
  [4.9, 'now'],
  [9, '5 s ago'],
  [59.9, '55 s ago'],
  [60, '1 min ago'],
  [3_599, '59 min ago'],
  [3_600, '1 h ago'],
  [90_000, '1 d ago'],
])('%d s ago is shown as %s', (seconds, text) => {
  expect(ago(seconds)).toBe(text);
});

test('a moment is shown to the second in UTC', () => {
  expect(utcText('2026-11-28T23:00:05.999Z')).toBe('2026-11-28 23:00:05 UTC');
});

test('a moment is shown to the minute, and with its day where it is a day or more away', () => {
  const at = new Date(2026, 11, 3, 14, 45).getTime();
  const text = (awayMs: number): string => localText(new Date(at).toISOString(), at - awayMs);
  expect(text(86_399_000)).toMatch(/^(14:45|2:45 pm)$/);
  expect(text(-86_399_000)).toMatch(/^(14:45|2:45 pm)$/);
  expect(text(86_400_000)).toMatch(/^Thu 3 Dec, (14:45|2:45 pm)$/);
  expect(text(-40 * 86_400_000)).toMatch(/^Thu 3 Dec 2026, /);
  expect(fullText(at)).toMatch(/^Thu 3 Dec 2026, (14:45|2:45 pm)$/);
});

test('a moment can be shown with its zone', () => {
  const moment = Date.UTC(2026, 10, 28, 12);
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' })
    .formatToParts(moment)
    .find(({ type }) => type === 'timeZoneName')?.value;
  expect(zonedText(new Date(moment).toISOString(), moment).endsWith(` ${zone}`)).toBe(true);
});

test('each step of a time axis is at most 2.5 times the one before', () => {
  const [first, ...longer] = timeSteps;
  expect(longer.every((step, index) => step > (timeSteps[index] ?? first))).toBe(true);
  expect(Math.max(...longer.map((step, index) => step / (timeSteps[index] ?? first)))).toBeLessThanOrEqual(
    2.5,
  );
});

test('a time axis has the date at the first label of a day', () => {
  const noon = new Date(2026, 10, 23, 12).getTime() / 1000;
  const labels = axisTimes([noon, noon + 43_200, noon + 86_400], 43_200);
  expect(labels.map((label) => label.split('\n').length)).toEqual([2, 2, 1]);
  const hours = axisTimes([noon, noon + 3_600], 3_600);
  expect(hours.map((label) => label.split('\n').length)).toEqual([2, 1]);
  expect(axisTimes([noon], 86_400)[0]).not.toContain('12');
});
