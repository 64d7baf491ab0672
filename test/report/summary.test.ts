import { expect, it } from 'vitest';
import { reportOf } from '../../src/report/report-model.ts';
import { factsOf } from '../../src/report/summary.ts';
import { hour, start } from '../watch/sample-migrations.ts';
import { type Course, played } from './played.ts';

const working = { status: 'WORKING', readyForCutover: false };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };
const end = 'its estimated end on 2026-11-28 23:00 UTC';

/** Ready at the first poll, with this status after so many hours. */
const readyUntil =
  (hours: number, status: string): Course =>
  (ms) =>
    ms >= hours * hour ? { status } : ready;

it.each<[string, Course, number, Record<string, string>]>([
  [
    'open',
    () => ready,
    20,
    {
      Outcome: 'Ready for cutover, not cut over; last read on 2026-11-24 19:00 UTC.',
      'Ready for cutover': '2026-11-23 23:00 UTC, or earlier: it was not watched just before',
      'Window for the cutover': `4 d 4 h left until ${end}`,
      'Watched for': '20 h, from 2026-11-23 23:00 UTC to 2026-11-24 19:00 UTC',
      'Gaps in watching': 'none',
    },
  ],
  ['ended', () => ready, 122, { 'Window for the cutover': `Overdue by 2 h, since ${end}` }],
  [
    'respected',
    readyUntil(100, 'COMPLETE'),
    122,
    {
      'Watched for': '4 d 4 h, from 2026-11-23 23:00 UTC to 2026-11-28 03:00 UTC',
      'Window for the cutover': `Cut over in time, 20 h before ${end}`,
    },
  ],
  [
    'exceeded',
    readyUntil(121, 'COMPLETE'),
    122,
    { 'Window for the cutover': `Cut over too late, 1 h after ${end}; it may have been extended` },
  ],
  [
    'missed',
    readyUntil(120, 'EXPIRED'),
    122,
    { 'Window for the cutover': `Not cut over in time, until ${end}` },
  ],
  [
    'cut short',
    readyUntil(3, 'FAILED'),
    4,
    { 'Window for the cutover': `No longer open: the migration ended before ${end}` },
  ],
  [
    'opened for the second time',
    (ms) => (Math.floor(ms / hour) % 2 === 1 ? ready : working),
    3,
    { 'Ready for cutover': '2026-11-24 00:00 UTC (the 2nd time)' },
  ],
])('the window for the cutover is worded when it is %s', (_name, course, hours, expected) => {
  const now = start + hours * hour;
  const facts = Object.fromEntries(factsOf(reportOf(played(course, hours * hour), now), now));
  expect(facts).toMatchObject(expected);
});

const soon: Course = (ms) => (ms >= 20_000 ? { status: 'COMPLETE' } : working);

it('shows times with seconds where both are in the same minute', () => {
  const facts = Object.fromEntries(factsOf(reportOf(played(soon, 40_000, 10_000), start), start));
  expect(facts).toMatchObject({ 'Watched for': '20 s, from 2026-11-23 23:00:00 to 2026-11-23 23:00:20 UTC' });
});

/** Ready for an hour, withdrawn for so many, ready again, and complete at hour 40 where that is asked for. */
const readyAgain =
  (pause: number, isComplete = false): Course =>
  (ms) => {
    const hours = ms / hour;
    if (isComplete && hours >= 40) return { status: 'COMPLETE' };
    return hours < 1 || hours >= 1 + pause ? ready : { ...working, lagTimeSeconds: 900 };
  };

it.each([
  {
    rule: 'warns that Atlas may still count from the first time',
    course: readyAgain(20),
    caution:
      'Atlas may still count from the first time it was ready, 2026-11-23 23:00 UTC: the window then ends on 2026-11-28 23:00 UTC',
  },
  {
    rule: 'says of one that has ended that Atlas may have counted from the first time',
    course: readyAgain(20, true),
    caution:
      'Atlas may have counted from the first time it was ready, 2026-11-23 23:00 UTC: the window then ended on 2026-11-28 23:00 UTC',
  },
  { rule: 'warns of nothing where the window goes on', course: readyAgain(2), caution: undefined },
])('a further readiness $rule', ({ course, caution }) => {
  const now = start + 41 * hour;
  expect(Object.fromEntries(factsOf(reportOf(played(course, 41 * hour), now), now)).Caution).toBe(caution);
});

it('says of one that is no longer in Atlas since when', () => {
  const recording = played((ms) => (ms > hour ? 'not_found' : working), 6 * hour);
  const [outcome] = factsOf(reportOf(recording, start + 6 * hour), start + 6 * hour);
  expect(outcome).toEqual([
    'Outcome',
    'No longer in Atlas since 2026-11-24 00:15 UTC: it answers nothing but 404. It was probably canceled in the console.',
  ]);
});
