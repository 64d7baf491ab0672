import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import { type OneShotOptions, openOneShot, reopened } from '../../src/cli/one-shot.ts';
import type { CredentialsResult } from '../../src/config/credentials.ts';
import type { SessionSettings } from '../../src/daemon/session.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import type { MigrationScript } from '../../src/simulator/scripts.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { listSamples, noSamples } from '../../src/watch/migration/lag-samples.ts';
import { KEY } from '../atlas/connect.ts';
import { settingsOf } from '../daemon/session-harness.ts';
import { hour, minute, orders, start, targetOf } from '../watch/sample-migrations.ts';

const working = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 90 };
const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 };
const billing = targetOf(1);

/** A simulated Atlas that reads these; a migration that is left out is not found. */
async function startAtlas(readings: Readonly<Record<string, object>>) {
  const scripts = new Map<string, MigrationScript>();
  for (const target of [orders, billing]) {
    const reading = readings[target.name];
    if (reading !== undefined)
      scripts.set(keyOf(target), () => ({ _id: target.liveMigrationId, ...reading }));
  }
  const simulator = await startSimulator({ credentials: KEY, migrations: scripts });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Opens a one-shot that the end of the test closes, and collects its events. */
async function open(settings: SessionSettings, options: Partial<OneShotOptions> = {}) {
  const events: EventRecord[] = [];
  const faults: unknown[] = [];
  const oneShot = await openOneShot({
    settings,
    redactor: new Redactor(),
    onEvents: (records) => events.push(...records),
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  onTestFinished(() => oneShot.close());
  return { oneShot, events, faults };
}

function recordOf(
  state: Partial<MigrationState>,
  samples: readonly { observedAt: number; lagTimeSeconds: number }[] = [],
) {
  const { groupId, liveMigrationId } = orders;
  const observedAt = Date.now() - minute;
  const initial = {
    rememberedSince: observedAt,
    firstObservedAt: observedAt,
    observation: { ...working, observedAt },
    known: { status: 'WORKING', readyForCutover: false },
    notFoundInARow: 0,
    reportedStatuses: [],
  };
  return { groupId, liveMigrationId, state: { ...initial, ...state }, samples };
}

test('each migration is polled once in the first round', async () => {
  const simulator = await startAtlas({ orders: working });
  const { oneShot } = await open(
    await settingsOf({ baseUrl: simulator.baseUrl, migrations: [billing, orders] }),
  );
  await oneShot.firstRound();
  expect(oneShot.snapshots).toMatchObject([
    { target: { name: 'm1' }, latest: { kind: 'not_found' } },
    { target: { name: 'orders' }, latest: 'read', state: { known: { status: 'WORKING' } } },
  ]);
  expect(simulator.counts.byStatus).toEqual({ 401: 1, 200: 1, 404: 1 });
});

describe('what a watcher has recorded', () => {
  const since = Date.now() - 100 * hour;

  test.each<{ rule: string; reading: object; recorded: Partial<MigrationState>; state: object }>([
    {
      rule: 'dates a readiness that lasts',
      reading: ready,
      recorded: { readiness: { since, sinceKnown: true }, known: { readyForCutover: true } },
      state: { readiness: { since, sinceKnown: true } },
    },
    {
      rule: 'does not date a readiness that is new',
      reading: ready,
      recorded: {},
      state: { readiness: { since: expect.any(Number), sinceKnown: false } },
    },
    {
      rule: 'settles nothing that Atlas reads',
      reading: ready,
      recorded: { settlement: 'DISAPPEARED', notFoundInARow: 2 },
      state: { readiness: { sinceKnown: false }, notFoundInARow: 0 },
    },
  ])('$rule', async ({ reading, recorded, state }) => {
    const simulator = await startAtlas({ orders: reading });
    const settings = await settingsOf({ baseUrl: simulator.baseUrl, migrations: [orders] });
    const { oneShot } = await open(settings, { recorded: [recordOf(recorded)] });
    await oneShot.firstRound();
    expect(oneShot.snapshots[0]?.state).toMatchObject(state);
    expect(oneShot.snapshots[0]?.state).not.toHaveProperty('settlement');
  });

  test('brings no event of what it knew, and no outage', async () => {
    const simulator = await startAtlas({ orders: ready });
    const settings = await settingsOf({ baseUrl: simulator.baseUrl, migrations: [orders] });
    const outage = { failures: 9, since, errorType: 'timeout', reportedAt: since } as const;
    const readiness = { since, sinceKnown: true };
    const { oneShot, events } = await open(settings, { recorded: [recordOf({ outage, readiness })] });
    await oneShot.firstRound();
    await oneShot.close();
    expect(events.map(({ event }) => event)).toEqual(['migration.first_seen']);
    expect(oneShot.snapshots[0]?.state).not.toHaveProperty('outage');
  });

  test('gives the trend its lag samples', async () => {
    const simulator = await startAtlas({ orders: { ...working, lagTimeSeconds: 600 } });
    const settings = await settingsOf({ baseUrl: simulator.baseUrl, migrations: [orders] });
    const samples = [5, 4, 3, 2, 1].map((ago) => ({
      observedAt: Date.now() - ago * minute,
      lagTimeSeconds: 600 + ago * 60,
    }));
    const { oneShot } = await open(settings, { recorded: [recordOf({}, samples)] });
    await oneShot.firstRound();
    const known = listSamples(oneShot.snapshots[0]?.samples ?? noSamples);
    expect(known.map(({ lagTimeSeconds }) => lagTimeSeconds)).toEqual([
      ...samples.map(({ lagTimeSeconds }) => lagTimeSeconds),
      600,
    ]);
  });
});

const credentialsOf = (privateKey: string): CredentialsResult => ({
  ok: true,
  credentials: { type: 'apiKey', ...KEY, privateKey },
  sources: { identity: 'here', secret: 'there' },
  warnings: [],
});

describe('after a refusal', () => {
  const wrong = 'wrong-private-key';

  test.each<{ rule: string; loaded: CredentialsResult; latest: unknown }>([
    {
      rule: 'new credentials are used at once',
      loaded: credentialsOf(KEY.privateKey),
      latest: ['read', 'read'],
    },
    {
      rule: 'the same credentials change nothing',
      loaded: credentialsOf(wrong),
      latest: [{ kind: 'unauthorized' }, { kind: 'unauthorized' }],
    },
    {
      rule: 'credentials that cannot be read change nothing',
      loaded: { ok: false, problems: ['gone'] },
      latest: [{ kind: 'unauthorized' }, { kind: 'unauthorized' }],
    },
  ])('the credentials are read again, once for both: $rule', async ({ loaded, latest }) => {
    const simulator = await startAtlas({ orders: working, m1: working });
    const settings = await settingsOf({
      baseUrl: simulator.baseUrl,
      migrations: [orders, billing],
      privateKey: wrong,
    });
    let loads = 0;
    const { oneShot } = await open(settings, {
      loadCredentials: () => {
        loads += 1;
        return Promise.resolve(loaded);
      },
    });
    await oneShot.firstRound();
    expect(oneShot.snapshots.map((snapshot) => snapshot.latest)).toMatchObject(latest as object[]);
    expect(loads).toBe(1);
  });
});

test('a second failure is reported as an outage', async () => {
  const simulator = await startAtlas({});
  const settings = await settingsOf({
    baseUrl: simulator.baseUrl,
    migrations: [orders],
    schedule: '* * * * * *',
  });
  simulator.setScript(keyOf(orders), () => {
    throw new Error('down');
  });
  const { events } = await open(settings);
  await expect
    .poll(() => events.map(({ event }) => event), { timeout: 5_000 })
    .toContain('watcher.unreachable');
  const names = events.map(({ event }) => event);
  expect(names.slice(0, 3)).toEqual(['watcher.poll_failed', 'watcher.poll_failed', 'watcher.unreachable']);
});

test('when it is closed, polls under way are cut off, nothing is polled any more, and no event follows', async () => {
  const simulator = await startAtlas({ orders: working });
  const settings = await settingsOf({
    baseUrl: simulator.baseUrl,
    migrations: [orders],
    schedule: '* * * * * *',
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  const { oneShot, events, faults } = await open(settings, { onPolled: () => resolve() });
  await promise;
  simulator.setScript(keyOf(orders), () => ({ _id: orders.liveMigrationId, ...ready }));
  await oneShot.close();
  const { total } = simulator.counts;
  const count = events.length;
  await delay(1_500);
  expect([simulator.counts.total, events.length, faults]).toEqual([total, count, []]);
});

test('a reply that does not come does not hold up its end', async () => {
  const simulator = await startSimulator({
    credentials: KEY,
    migrations: new Map([[keyOf(orders), () => working]]),
    replyDelayMs: 60_000,
  });
  onTestFinished(() => simulator.close());
  const { oneShot, faults } = await open(
    await settingsOf({ baseUrl: simulator.baseUrl, migrations: [orders] }),
  );
  await expect.poll(() => simulator.requests.length).toBe(1);
  const began = performance.now();
  await oneShot.close();
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(faults).toEqual([]);
});

test('an access token is revoked when it is closed', async () => {
  const account = { clientId: 'mdb_sa_id_12', clientSecret: 'mdb_sa_sk_s3cr3t' };
  const simulator = await startSimulator({
    credentials: KEY,
    serviceAccount: account,
    migrations: new Map([[keyOf(orders), () => ({ _id: orders.liveMigrationId, ...working })]]),
  });
  onTestFinished(() => simulator.close());
  const settings = await settingsOf({ baseUrl: simulator.baseUrl, migrations: [orders] });
  const redactor = new Redactor();
  const { oneShot } = await open(
    { ...settings, credentials: { type: 'serviceAccount', ...account } },
    { redactor },
  );
  await oneShot.firstRound();
  await oneShot.close();
  expect(simulator.tokenCounts).toEqual({ token: 1, revoke: 1, live: 0 });
});

test.each(['COMPLETE', 'FAILED', 'EXPIRED', 'DISAPPEARED'] as const)(
  'of a migration recorded as %s, the readiness of before the end counts only where it may have had no end',
  (settlement) => {
    const recorded: MigrationState = {
      ...initialState(start),
      known: { status: 'WORKING', readyForCutover: true },
      readiness: { since: start, sinceKnown: true },
      settlement,
    };
    const { readiness, known } = reopened(recorded);
    expect([readiness !== undefined, known.readyForCutover === true]).toEqual(
      settlement === 'DISAPPEARED' ? [true, true] : [false, false],
    );
  },
);
