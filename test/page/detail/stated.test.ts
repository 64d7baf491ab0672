import { expect, test } from 'vitest';
import { howToState, statedFacts } from '../../../src/page/detail/stated.ts';
import type { MigrationView } from '../../../src/server/migration-view.ts';

const when = (isoTime: string) => `<${isoTime.slice(5, 16)}>`;
const orders = { migration: 'orders', groupId: 'a', liveMigrationId: 'b' };
const rowsOf = (view: Partial<MigrationView>) =>
  statedFacts({ ...orders, ...view }, when).map(({ term, text, comment = '' }) => [term, text, comment]);

test('what people have stated is shown with who stated it, how long, and what was said', () => {
  expect(
    rowsOf({
      deadline: '2026-12-03T10:00:00Z',
      deadlineSource: 'operator',
      deadlineAuthor: 'anna',
      deadlineComment: 'Extended in the console.',
      acknowledged: {
        at: '2026-11-28T10:00:00Z',
        until: '2026-11-29T10:00:00Z',
        author: 'ben',
        comment: 'Mine.',
      },
      plannedAt: '2026-11-29T02:00:00Z',
      planDurationSeconds: 7_200,
      planAuthor: 'anna',
    }),
  ).toEqual([
    ['End of the window', 'stated by anna', 'Extended in the console.'],
    ['Acknowledgement', 'acknowledged by ben <11-28T10:00>: reminders rest until <11-29T10:00>', 'Mine.'],
    ['Planned cutover', 'planned <11-29T02:00>, within 2 h, stated by anna', ''],
  ]);
});

test('a plan at risk has its time and every cause, and one that is missed its time', () => {
  const plan = { plannedAt: '2026-11-29T02:00:00Z', planDurationSeconds: 7_200 };
  expect(rowsOf({ ...plan, planRisks: ['deadline', 'stalled'] })).toEqual([
    [
      'Planned cutover',
      'planned <11-29T02:00>, within 2 h; plan at risk: the window ends before it, its lag has stalled',
      '',
    ],
  ]);
  expect(rowsOf({ ...plan, planMissed: true })).toEqual([
    ['Planned cutover', 'plan missed: <11-29T02:00>, within 2 h', ''],
  ]);
});

test('an estimate and what has ended are not stated', () => {
  expect(rowsOf({ deadline: '2026-12-03T10:00:00Z', deadlineSource: 'estimated' })).toEqual([]);
  expect(rowsOf({ settlement: 'DISAPPEARED', plannedAt: '2026-11-29T02:00:00Z' })).toEqual([]);
});

test('the commands for what is not stated yet fit a shell', () => {
  expect(howToState({ ...orders, readyForCutover: true })).toBe(
    'On the host of the watcher: to rest reminders, cutover-watch ack orders --until 12h; to plan the cutover, cutover-watch plan orders --at TIME.',
  );
  expect(howToState({ ...orders, migration: "anna's orders" })).toBe(
    "On the host of the watcher: to plan the cutover, cutover-watch plan 'anna'\\''s orders' --at TIME.",
  );
  expect(howToState({ ...orders, settlement: 'COMPLETE' })).toBeUndefined();
});
