import { expect, test } from 'vitest';
import { nextActOf } from '../../../src/page/list/next-act.ts';
import { isOld, type RowText, rowText } from '../../../src/page/list/row-text.ts';
import { localText } from '../../../src/page/times.ts';
import type { MigrationView } from '../../../src/server/migration-view.ts';
import { hour, minute, orders, start } from '../../watch/sample-migrations.ts';

const { name: migration, groupId, liveMigrationId } = orders;
const at = (ms: number): string => new Date(start + ms).toISOString();
const clock = (ms: number): string => localText(at(ms), start);
const read = { observedAt: at(-15_000), intervalSeconds: 30, reachable: true };
const old = { ...read, observedAt: at(-3 * hour) };
const ready = { readyForCutover: true, readySinceKnown: true };
const copying = {
  status: 'WORKING',
  lagTimeSeconds: 900,
  readyInSeconds: 1_500,
  readyInSecondsRange: [900, 3_900],
};
const textOf = (view: Partial<MigrationView>): RowText =>
  rowText({ migration, groupId, liveMigrationId, ...view }, start);
const isOldView = (view: Partial<MigrationView>): boolean =>
  isOld({ migration, groupId, liveMigrationId, ...view }, start);
const actOf = (view: Partial<MigrationView>) =>
  nextActOf({ migration, groupId, liveMigrationId, ...view }, start);

test.each<[string, Partial<MigrationView>, RowText]>([
  [
    'the time left',
    { ...read, ...ready, deadline: at(100 * hour) },
    { figure: '4 d 4 h', after: 'left', note: `until about ${clock(100 * hour)}` },
  ],
  [
    'the time left, and that it may be less',
    { ...read, ...ready, readySinceKnown: false, deadline: at(5 * hour) },
    { figure: '5 h 00 min', after: 'left', note: `until ${clock(5 * hour)} or earlier`, pressing: 'now' },
  ],
  [
    'the time left until an end that somebody stated',
    { ...read, ...ready, readySinceKnown: false, deadlineEstimated: false, deadline: at(100 * hour) },
    { figure: '4 d 4 h', after: 'left', note: `until ${clock(100 * hour)}` },
  ],
  [
    'by how much it is overdue',
    { ...read, ...ready, deadline: at(-5 * hour) },
    { before: 'by', figure: '5 h', note: `window ended about ${clock(-5 * hour)}`, pressing: 'now' },
  ],
  ['the estimate', { ...read, ...copying }, { before: 'ready in', figure: '14 to 65 min' }],
  ['that there is no estimate yet', { ...read, status: 'WORKING' }, { note: 'estimating…' }],
  [
    'the length of a stall',
    { ...read, ...copying, stalledForSeconds: 2_529 },
    { before: 'no progress for', figure: '42 min', note: 'check source load and host' },
  ],
  [
    'how long it was not read, and why',
    {
      ...old,
      reachable: false,
      outage: { since: at(-3 * hour), failures: 9, errorType: 'forbidden', httpStatus: 403 },
    },
    { before: 'not read for', figure: '3 h', note: 'access denied (HTTP 403)' },
  ],
  [
    'that it was never read, and why',
    { outage: { since: at(-minute), failures: 2, errorType: 'unauthorized', httpStatus: 401 } },
    { note: 'not read yet: credentials refused (HTTP 401)' },
  ],
  ['that it has not started', { ...read, status: 'NEW' }, { note: 'not started in Atlas yet' }],
  ['when it failed', { settlement: 'FAILED', settledAt: at(-hour) }, { note: 'ended 1 h ago' }],
  ['when it was cut over', { settlement: 'COMPLETE', settledAt: at(-hour) }, { note: 'cut over 1 h ago' }],
])('a row says %s', (_, view, text) => {
  expect(textOf(view)).toEqual(text);
});

test('a row that was read long ago says what it was, and forecasts nothing', () => {
  expect(textOf({ ...old, ...copying })).toEqual({ note: 'was copying when last read 3 h ago' });
  expect(textOf({ ...old, ...ready, deadline: at(30 * minute) })).toMatchObject({
    figure: '30:00',
    note: 'was ready when last read 3 h ago',
  });
  expect(isOldView({ ...old, ...copying })).toBe(true);
  expect(isOldView({ ...read, ...copying })).toBe(false);
  // These say so themselves.
  expect(isOldView({ ...old, reachable: false })).toBe(false);
  expect(isOldView({ ...old, settlement: 'COMPLETE' })).toBe(false);
});

test('a failed poll is noted before it counts as an outage', () => {
  const outage = { since: at(-10_000), failures: 1, errorType: 'timeout' } as const;
  expect(textOf({ ...read, ...ready, deadline: at(100 * hour), outage }).note).toBe(
    `until about ${clock(100 * hour)}; last poll failed`,
  );
});

test('what is ready or failed opens Atlas, and what failed or can not be read says why', () => {
  const outage = {
    since: at(-hour),
    failures: 9,
    errorType: 'forbidden',
    httpStatus: 403,
    remedy: 'Give the key access.',
  } as const;
  const why = [
    `Can't be read since ${clock(-hour)}: access denied (HTTP 403), 9 polls failed in a row.`,
    'Give the key access.',
  ];
  expect(actOf({ ...read, ...ready })).toEqual({ opensAtlas: true });
  expect(actOf({ ...read, ...ready, reachable: false, outage })).toEqual({ opensAtlas: true, why });
  expect(actOf({ ...read, reachable: false, outage })).toEqual({ opensAtlas: false, why });
  expect(actOf({ ...read, ...copying, outage })).toEqual({ opensAtlas: false });
  for (const settlement of ['FAILED', 'EXPIRED', 'DISAPPEARED'])
    expect(actOf({ settlement })).toMatchObject({
      opensAtlas: true,
      why: [expect.any(String), expect.any(String)],
    });
});
