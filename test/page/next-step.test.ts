import { expect, test } from 'vitest';
import { nextStepOf } from '../../src/page/next-step.ts';
import type { MigrationView } from '../../src/server/migration-view.ts';
import { hour, minute, orders, start } from '../watch/sample-migrations.ts';

const { name: migration, groupId, liveMigrationId } = orders;
const at = (ms: number): string => new Date(start + ms).toISOString();

const read = { observedAt: at(0) };

/** What is known of a migration, and its next step 15 s later. */
const cases: readonly (readonly [Partial<MigrationView>, object])[] = [
  [{}, { main: 'Not read yet' }],
  [{ status: 'NEW', observedAt: at(0) }, { main: 'No lag reported yet' }],
  [{ status: 'WORKING', lagTimeSeconds: 900, observedAt: at(0) }, { main: 'No estimate yet' }],
  [
    { lagTimeSeconds: 900, observedAt: at(0), readyInSeconds: 1_500, readyInSecondsRange: [900, 3_900] },
    { main: 'Ready in 14 to 65 min' },
  ],
  [
    {
      lagTimeSeconds: 60,
      observedAt: at(0),
      readyInSeconds: 61,
      readyInSecondsRange: [30, 120],
      cadence: 'approaching',
    },
    { main: 'Ready in about 1 min' },
  ],
  [
    { lagTimeSeconds: 900, observedAt: at(0), stalledForSeconds: 1_815 },
    { main: 'Stalled for 30 min 15 s', note: 'check the source and the host' },
  ],
  [
    { ...read, reachable: false, outage: { since: at(-minute), failures: 4, errorType: 'rate_limited' } },
    { main: "Can't be read: rate limited", note: '4 failed polls in a row' },
  ],
  [
    { ...read, readyForCutover: true, deadline: at(100 * hour), readySinceKnown: true },
    { main: '4 d 3 h left', note: 'estimated' },
  ],
  [
    { ...read, readyForCutover: true, deadline: at(24 * hour), readySinceKnown: false },
    { main: '23 h 59 min left', note: 'estimated, perhaps less', pressing: 'soon' },
  ],
  [
    { ...read, readyForCutover: true, deadline: at(6 * hour) },
    { main: '5 h 59 min left', note: 'estimated', pressing: 'now' },
  ],
  [
    { ...read, readyForCutover: true, deadline: at(-hour) },
    { main: 'Window ended 1 h ago', note: 'estimated; check the Atlas console', pressing: 'now' },
  ],
  // The window goes on while the migration can't be read.
  [
    { ...read, readyForCutover: true, deadline: at(12 * minute), reachable: false },
    { main: '11:45 left', note: 'estimated', pressing: 'now' },
  ],
  [
    {
      ...read,
      readyForCutover: true,
      deadline: at(100 * hour),
      outage: { since: at(-minute), failures: 2, errorType: 'timeout' },
    },
    { main: '4 d 3 h left', note: 'estimated; polls fail' },
  ],
  [{ settlement: 'COMPLETE' }, { main: 'Nothing: it is cut over' }],
  [{ settlement: 'FAILED' }, { main: 'Start it again', note: 'the Atlas console may say why' }],
  [{ settlement: 'EXPIRED' }, { main: 'Start it again', note: 'the window ended' }],
  [{ settlement: 'DISAPPEARED' }, { main: 'Gone from Atlas', note: 'perhaps canceled in the console' }],
];

test.each(cases)('the next step for %o follows from what is known', (view, nextStep) => {
  expect(nextStepOf({ migration, groupId, liveMigrationId, ...view }, start + 15_000)).toEqual(nextStep);
});
