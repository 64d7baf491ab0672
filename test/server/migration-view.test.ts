import { expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import { migrationView } from '../../src/server/migration-view.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { isoTime } from '../../src/watch/migration/event-draft.ts';
import { hour, minute, orders, start } from '../watch/sample-migrations.ts';
import { watchedOrders } from './served.ts';

const policy = { windowMs: 120 * hour };
const { groupId, liveMigrationId, labels } = orders;
const ids = { migration: 'orders', groupId, liveMigrationId, labels };
const copied: MigrationState = {
  rememberedSince: start,
  firstObservedAt: start,
  observation: { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 300, observedAt: start + minute },
  known: { status: 'WORKING', readyForCutover: false, migrationHosts: ['vm001.example.com'] },
  absences: 0,
  reportedStatuses: [],
  occurrences: {},
};
const ready: MigrationState = {
  ...copied,
  known: { ...copied.known, readyForCutover: true },
  readiness: { since: start + minute, sinceKnown: true },
};

function viewOf(state: MigrationState | undefined, what: object = {}) {
  return migrationView(watchedOrders({ state, ...what }), start + 2 * minute, policy);
}

test('of a migration that was never polled, only what the configuration says is known', () => {
  expect(viewOf(undefined)).toEqual({ ...ids, cadence: 'default' });
});

test('a migration without labels shows none', () => {
  expect(viewOf(undefined, { target: { ...orders, labels: {} } })).not.toHaveProperty('labels');
});

test('a migration that is copied shows its lag, the trend of it and an estimate', () => {
  const samples = [0, 1, 2, 3].map((n) => ({ observedAt: start + n * minute, lagTimeSeconds: 390 - n * 30 }));
  expect(viewOf(copied, { samples, latest: 'read', cadence: 'approaching' })).toEqual({
    ...ids,
    status: 'WORKING',
    readyForCutover: false,
    lagTimeSeconds: 300,
    migrationHosts: ['vm001.example.com'],
    firstSeen: isoTime(start),
    observedAt: isoTime(start + minute),
    reachable: true,
    lagTrendPerMinute: -30,
    readyInSeconds: expect.any(Number),
    readyInSecondsRange: [expect.any(Number), expect.any(Number)],
    cadence: 'approaching',
  });
});

test('a status that was seen to change shows since when it is', () => {
  expect(viewOf({ ...copied, statusSince: start + minute })).toMatchObject({
    statusSince: isoTime(start + minute),
  });
});

test('a stalled lag shows for how long; one that does shows nothing of it', () => {
  const progress = { lowest: 300, highest: 320, observedAt: start, idleMs: 1_900_400 };
  expect(viewOf({ ...copied, lagProgress: { ...progress, stalled: true } })).toMatchObject({
    stalledForSeconds: 1_900,
  });
  expect(viewOf({ ...copied, lagProgress: { ...progress, stalled: false } })).not.toHaveProperty(
    'stalledForSeconds',
  );
});

test('a migration that is ready shows the estimated window, also when it has passed', () => {
  expect(viewOf(ready)).toMatchObject({
    readyForCutover: true,
    readySince: isoTime(start + minute),
    readySinceKnown: true,
    deadline: isoTime(start + minute + 120 * hour),
    deadlineEstimated: true,
    remainingSeconds: 120 * 3_600 - 60,
  });
  expect(migrationView(watchedOrders({ state: ready }), start + 121 * hour, policy).remainingSeconds).toBe(
    60 - 3_600,
  );
  expect(viewOf(ready)).not.toHaveProperty('lagTrendPerMinute');
});

test('a settled migration shows how it ended, and neither a window, a schedule nor whether it can be read', () => {
  const view = viewOf({ ...ready, known: { ...ready.known, status: 'COMPLETE' }, settlement: 'COMPLETE' });
  expect(view).toMatchObject({ status: 'COMPLETE', settlement: 'COMPLETE' });
  for (const field of [
    'readySince',
    'deadline',
    'remainingSeconds',
    'cadence',
    'reachable',
    'lagTrendPerMinute',
  ])
    expect(view).not.toHaveProperty(field);
});

test('an outage is shown from the first failed poll on, and counts as out of reach once people were told', () => {
  const latest = new AtlasError({ kind: 'timeout', detail: 'No reply within 10 s.' });
  const failing = { ...copied, outage: { failures: 1, since: start + minute } };
  expect(viewOf(failing, { latest })).toMatchObject({
    reachable: true,
    outage: {
      since: isoTime(start + minute),
      failures: 1,
      errorType: 'timeout',
      detail: 'No reply within 10 s.',
      remedy: latest.remedy,
    },
  });
  const told = { ...copied, outage: { failures: 3, since: start, told: 'by another' as const } };
  expect(viewOf(told, { latest })).toMatchObject({ reachable: false, outage: { failures: 3 } });
});

test('an outage that an earlier run left shows since when, until this run knows why', () => {
  const told = { ...copied, outage: { failures: 3, since: start, told: 'for itself' as const } };
  expect(viewOf(told).outage).toEqual({ since: isoTime(start), failures: 3 });
});

test('a migration that is answered with 404 after having been seen says that it may be gone', () => {
  const latest = new AtlasError({ kind: 'not_found', detail: 'HTTP 404.', httpStatus: 404 });
  const state = { ...copied, absences: 1, outage: { failures: 1, since: start } };
  expect(viewOf(state, { latest }).outage?.remedy).toMatch(/cancelled/);
});
