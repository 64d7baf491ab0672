import { expect, it } from 'vitest';
import { reportOf } from '../../src/report/report-model.ts';
import { factsOf } from '../../src/report/summary.ts';
import { hour, start } from '../watch/sample-migrations.ts';
import { type Course, played } from './played.ts';

const working = { status: 'WORKING', readyForCutover: false };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };
const end = 'the estimated deadline of 2026-11-28 23:00 UTC';

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
      Outcome: 'Ready for cutover, not cut over; last seen on 2026-11-24 19:00 UTC.',
      'Ready for cutover': '2026-11-23 23:00 UTC, or earlier: there was no observation just before',
      'Window for the cutover': `open, 4 d 4 h left until ${end}`,
      'Watched for': '20 h, from 2026-11-23 23:00 UTC to 2026-11-24 19:00 UTC',
      'Observation gaps': 'none',
    },
  ],
  ['ended', () => ready, 122, { 'Window for the cutover': `ended 2 h ago, at ${end}` }],
  [
    'respected',
    readyUntil(100, 'COMPLETE'),
    122,
    {
      Duration: '4 d 4 h, from 2026-11-23 23:00 UTC to 2026-11-28 03:00 UTC',
      'Window for the cutover': `respected: 20 h before ${end}`,
    },
  ],
  [
    'exceeded',
    readyUntil(121, 'COMPLETE'),
    122,
    { 'Window for the cutover': `exceeded: 1 h after ${end}, which may have been extended` },
  ],
  [
    'missed',
    readyUntil(120, 'EXPIRED'),
    122,
    { 'Window for the cutover': `missed: the migration expired; ${end}` },
  ],
  [
    'cut short',
    readyUntil(3, 'FAILED'),
    4,
    { 'Window for the cutover': `ended early; ${end} no longer matters` },
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
  expect(facts).toMatchObject({ Duration: '20 s, from 2026-11-23 23:00:00 to 2026-11-23 23:00:20 UTC' });
});
