import { expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import { migrationView } from '../../src/server/migration-view.ts';
import type { MigrationState, ScopeOutage } from '../../src/state/migration-state.ts';
import { headline, utcTimes } from '../../src/watch/headline.ts';
import { isoTime } from '../../src/watch/migration/event-draft.ts';
import { collectSamples } from '../../src/watch/migration/lag-samples.ts';
import { headlineFacts } from '../../src/watch/standing.ts';
import { hour, minute, orders, start } from '../watch/sample-migrations.ts';
import { copied, viewPolicy as policy, watchedOrders } from './served.ts';

const { groupId, liveMigrationId, labels } = orders;
const ids = { migration: 'orders', groupId, liveMigrationId, labels };
const working: MigrationState = {
  ...copied,
  observation: { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 300, observedAt: start + minute },
  known: { status: 'WORKING', readyForCutover: false, migrationHosts: ['vm001.example.com'] },
};
const ready: MigrationState = {
  ...working,
  known: { ...working.known, readyForCutover: true },
  readiness: { since: start + minute, sinceKnown: true },
};

function viewOf(state: MigrationState | undefined, what: object = {}) {
  return migrationView(watchedOrders({ state, ...what }), start + 2 * minute, policy);
}

test('a migration that was never polled shows what the configuration says', () => {
  expect(viewOf(undefined)).toEqual({ ...ids, cadence: 'default', intervalSeconds: 30 });
});

test('a migration without labels shows none', () => {
  expect(viewOf(undefined, { target: { ...orders, labels: {} } })).not.toHaveProperty('labels');
});

test('a migration that is copied shows its lag, its trend and an estimate', () => {
  const samples = [0, 1, 2, 3].map((n) => ({ observedAt: start + n * minute, lagTimeSeconds: 390 - n * 30 }));
  expect(
    viewOf(working, { samples: collectSamples(samples), latest: 'read', cadence: 'approaching' }),
  ).toEqual({
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
    intervalSeconds: 5,
  });
});

test('a status that was observed to change shows when it changed', () => {
  expect(viewOf({ ...working, statusSince: start + minute })).toMatchObject({
    statusSince: isoTime(start + minute),
  });
});

test('a stalled lag shows for how long; one that moves does not', () => {
  const progress = { lowest: 300, highest: 320, observedAt: start, idleMs: 1_900_400 };
  expect(viewOf({ ...working, lagProgress: { ...progress, stalled: true } })).toMatchObject({
    stalledForSeconds: 1_900,
  });
  expect(viewOf({ ...working, lagProgress: { ...progress, stalled: false } })).not.toHaveProperty(
    'stalledForSeconds',
  );
});

test('a migration that is ready shows the estimated window, also after its end', () => {
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
    'intervalSeconds',
    'reachable',
    'lagTrendPerMinute',
  ])
    expect(view).not.toHaveProperty(field);
});

const timeout = new AtlasError({ kind: 'timeout', detail: 'No reply within 10 s.' });

test('an outage is shown from the first failed poll on, with the error of this run', () => {
  const outage = { failures: 1, since: start + minute, errorType: 'timeout' } as const;
  expect(viewOf({ ...working, outage }, { latest: timeout })).toMatchObject({
    reachable: true,
    outage: {
      since: isoTime(start + minute),
      failures: 1,
      errorType: 'timeout',
      detail: 'No reply within 10 s.',
      remedy: timeout.remedy,
    },
  });
});

test.each([
  { rule: 'after one failed poll', outage: { failures: 1, errorType: 'timeout' }, reachable: true },
  {
    rule: 'before polls have failed for unreachableAfter',
    outage: { failures: 5, errorType: 'timeout', afterMs: 31_000 },
    reachable: true,
  },
  {
    rule: 'once polls have failed for unreachableAfter',
    outage: { failures: 2, errorType: 'timeout' },
    reachable: false,
  },
  {
    rule: 'at the second failure that waiting does not cure',
    outage: { failures: 2, errorType: 'forbidden', afterMs: 115_000 },
    reachable: false,
  },
] as const)('a migration is reachable: $reachable $rule', ({ outage, reachable }) => {
  const { afterMs = 30_000, ...rest } = { afterMs: undefined, ...outage };
  const state: MigrationState = { ...working, outage: { ...rest, since: start + afterMs } };
  expect(viewOf(state, { latest: timeout }).reachable).toBe(reachable);
});

test('an outage of an earlier run shows when it began, and its error once this run has one', () => {
  const outage = { failures: 3, since: start, errorType: 'timeout' } as const;
  expect(viewOf({ ...working, outage }).outage).toEqual({
    since: isoTime(start),
    failures: 3,
    errorType: 'timeout',
  });
});

test('a migration that was read and is now answered with 404 may be gone', () => {
  const latest = new AtlasError({ kind: 'not_found', detail: 'HTTP 404.', httpStatus: 404 });
  const outage = { failures: 1, since: start, errorType: 'not_found' } as const;
  const state = { ...working, notFoundInARow: 1, outage };
  expect(viewOf(state, { latest }).outage?.remedy).toMatch(/canceled/);
});

test('a migration that is not polled because its account fails cannot be read either, whatever was read before', () => {
  const scopeOutage: ScopeOutage = {
    scope: 'account',
    since: start + minute,
    reportedAt: start + minute,
    migrations: 6,
    errorType: 'unauthorized',
    probe: 'another',
  };
  for (const state of [undefined, working])
    expect(viewOf(state, { scopeOutage })).toMatchObject({
      reachable: false,
      outage: { since: isoTime(start + minute), failures: 0, errorType: 'unauthorized' },
    });
});

test('what people have stated is shown with who stated it, and the headline goes by it', () => {
  const said = { source: 'operator', author: 'anna', statedAt: start } as const;
  const state: MigrationState = {
    ...ready,
    readiness: {
      since: start,
      sinceKnown: true,
      stated: { ...said, at: start + 200 * hour, comment: 'more' },
    },
    operator: { plan: { ...said, at: start + 3 * hour, durationMs: hour, risks: ['lag_high'] } },
  };
  const now = start + 2 * minute;
  expect(viewOf(state)).toMatchObject({
    deadline: isoTime(start + 200 * hour),
    deadlineAuthor: 'anna',
    deadlineComment: 'more',
    plannedAt: isoTime(start + 3 * hour),
    planAuthor: 'anna',
    planRisks: ['lag_high'],
  });
  const facts = headlineFacts([watchedOrders({ state })], { alive: true }, 'apiKey', now, () => policy);
  expect(headline(facts, now, utcTimes(now)).text).toMatch(
    /^Cut over orders within 8 d 7 h \(planned for Tue 24 Nov 02:00 UTC\)\. 1 plan at risk\./,
  );
});
