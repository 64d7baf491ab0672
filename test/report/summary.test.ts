import { expect, it } from 'vitest';
import { storyOf } from '../../src/report/report-model.ts';
import { factsOf } from '../../src/report/summary.ts';
import { hour, start } from '../watch/sample-migrations.ts';
import { type Course, played } from './played.ts';

const working = { status: 'WORKING', readyForCutover: false };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };
const end = 'the estimated deadline of 2026-11-28 23:00 UTC';

/** Ready at first sight; what becomes of it after so many hours. */
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
      Outcome: 'Ready for cutover and not cut over, as seen last on 2026-11-24 19:00 UTC.',
      'Ready for cutover': '2026-11-23 23:00 UTC, or earlier: it was not seen just before',
      'Window for the cutover': `open for another 4 d 4 h, until ${end}`,
      'Not seen': 'never',
    },
  ],
  ['over', () => ready, 122, { 'Window for the cutover': `over since 2 h: ${end}` }],
  [
    'respected',
    readyUntil(100, 'COMPLETE'),
    122,
    {
      Took: '4 d 4 h, from 2026-11-23 23:00 UTC to 2026-11-28 03:00 UTC',
      'Window for the cutover': `respected: 20 h before ${end}`,
    },
  ],
  [
    'exceeded',
    readyUntil(121, 'COMPLETE'),
    122,
    { 'Window for the cutover': `exceeded: 1 h after ${end}, which may have been extended` },
  ],
  ['missed', readyUntil(120, 'EXPIRED'), 122, { 'Window for the cutover': `missed: it expired; ${end}` }],
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
    { 'Ready for cutover': '2026-11-24 02:00 UTC (the 2nd time)' },
  ],
])('a window that is %s', (_name, course, hours, expected) => {
  const now = start + hours * hour;
  const facts = Object.fromEntries(factsOf(storyOf(played(course, hours * hour), now), now));
  expect(facts).toMatchObject(expected);
});

const soon: Course = (ms) => (ms >= 20_000 ? { status: 'COMPLETE' } : working);

it('tells times with seconds where both are of the same minute', () => {
  const facts = Object.fromEntries(factsOf(storyOf(played(soon, 40_000, 10_000), start), start));
  expect(facts).toMatchObject({ Took: '20 s, from 2026-11-23 23:00:00 to 2026-11-23 23:00:20 UTC' });
});
