import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
import { errorKinds } from '../../../src/atlas/error-kind.ts';
import { catalogue } from '../../../src/events/catalogue.ts';
import { Counters } from '../../../src/server/counters.ts';
import { createMetricsHandler } from '../../../src/server/metrics/metrics-handler.ts';
import { createMetrics } from '../../../src/server/metrics/registry.ts';
import type { MigrationState, ScopeOutage, Settlement } from '../../../src/state/migration-state.ts';
import { hasPromtool, metricNames, promtoolPath } from '../../config/metrics.ts';
import { accountOutage, projectOutage } from '../../state/sample-change.ts';
import { hour, minute, orders, start, targetOf } from '../../watch/sample-migrations.ts';
import { parseMetrics } from '../parse-metrics.ts';
import { copied, serve, watchedOrders } from '../served.ts';

const ready: MigrationState = { ...copied, readiness: { since: start + minute, sinceKnown: true } };
const labels = `group_id="${orders.groupId}",live_migration_id="${orders.liveMigrationId}"`;

/** The series of one migration, by name, without the labels that all of them share. */
async function seriesOf(state: MigrationState | undefined): Promise<Record<string, number>> {
  const { ask } = await serve({ snapshots: () => [watchedOrders({ state })] });
  const all = Object.entries(parseMetrics((await ask('/metrics')).body));
  const shared = `migration="orders",${labels}`;
  return Object.fromEntries(
    all
      .filter(([series]) => series.includes(shared))
      .map(([series, value]) => [
        series.replace(shared, '').replace('cutover_watch_migration_', '').replace('{}', ''),
        value,
      ]),
  );
}

const noStatus = {
  'status{,status="NEW"}': 0,
  'status{,status="WORKING"}': 0,
  'status{,status="FAILED"}': 0,
  'status{,status="COMPLETE"}': 0,
  'status{,status="EXPIRED"}': 0,
};

describe('the series of a migration', () => {
  it('are none before it was polled', async () => {
    expect(await seriesOf(undefined)).toEqual({});
  });

  it('show its status and lag while it is copied', async () => {
    expect(await seriesOf(copied)).toEqual({
      ...noStatus,
      'status{,status="WORKING"}': 1,
      ready: 0,
      lag_seconds: 42,
      last_observation_timestamp_seconds: start / 1000,
      reachable: 1,
      stalled: 0,
      acknowledged: 0,
    });
  });

  it('show the window while it is ready', async () => {
    expect(await seriesOf(ready)).toMatchObject({
      ready: 1,
      ready_since_timestamp_seconds: (start + minute) / 1000,
      cutover_deadline_timestamp_seconds: (start + minute + 120 * hour) / 1000,
    });
  });

  it('have no lag where Atlas reports none, and an unknown status beside the known ones', async () => {
    const state = { ...copied, observation: { observedAt: start }, known: { status: 'PENDING' } };
    expect(await seriesOf(state)).toEqual({
      ...noStatus,
      'status{,status="PENDING"}': 1,
      ready: 0,
      last_observation_timestamp_seconds: start / 1000,
      reachable: 1,
      stalled: 0,
      acknowledged: 0,
    });
  });

  it.each<[Settlement, 'a' | 'no']>([
    ['COMPLETE', 'no'],
    ['DISAPPEARED', 'a'],
  ])('show how it ended, and not whether it is reachable: %s, with %s window', async (settlement, window) => {
    const state: MigrationState = { ...ready, known: { status: settlement }, settlement };
    const series = await seriesOf(state);
    expect(series).toMatchObject({ [`status{,status="${settlement}"}`]: 1, ready: 0, lag_seconds: 42 });
    expect(series).not.toHaveProperty('reachable');
    expect('cutover_deadline_timestamp_seconds' in series).toBe(window === 'a');
  });

  it('show that its lag is stalled', async () => {
    const lagProgress = { lowest: 42, highest: 50, observedAt: start, idleMs: hour, stalled: true };
    expect(await seriesOf({ ...copied, lagProgress })).toMatchObject({ stalled: 1 });
  });

  it('show that it is unreachable, with what was last known', async () => {
    const state: MigrationState = {
      ...copied,
      outage: { failures: 3, since: start - 2 * minute, errorType: 'timeout' },
    };
    expect(await seriesOf(state)).toMatchObject({ reachable: 0, lag_seconds: 42, ready: 0 });
  });
});

test.each<{ rule: string; open: readonly ScopeOutage[]; account: number; project: number }>([
  { rule: 'no scope is open', open: [], account: 0, project: 0 },
  { rule: 'a project is open', open: [projectOutage], account: 0, project: 1 },
  { rule: 'the account is open', open: [accountOutage], account: 1, project: 0 },
  {
    rule: 'a project of which nothing is watched is open',
    open: [{ ...projectOutage, groupId: 'other' }],
    account: 0,
    project: 0,
  },
])(
  'each project and the account have a series that says whether it is open: $rule',
  async ({ open, account, project }) => {
    const { ask } = await serve({ openOutages: () => open });
    const series = Object.entries(parseMetrics((await ask('/metrics')).body));
    expect(Object.fromEntries(series.filter(([name]) => name.startsWith('cutover_watch_outage')))).toEqual({
      'cutover_watch_outage{scope="account",group_id=""}': account,
      [`cutover_watch_outage{scope="project",group_id="${orders.groupId}"}`]: project,
    });
  },
);

test('what was counted before the first scrape is in it, and what is counted after is in the next', async () => {
  const counters = new Counters();
  counters.poll(undefined, 80);
  counters.poll('timeout', 11_000);
  counters.requestEnd(200);
  counters.requestEnd(undefined);
  counters.event('migration.completed');
  counters.remaining.set(orders.groupId, 77);
  counters.remaining.set('of a project no longer watched', 5);
  let configCurrent = true;
  const { ask } = await serve({ counters, status: () => ({ configCurrent }) });
  const scrape = async () => parseMetrics((await ask('/metrics')).body);
  const first = await scrape();
  expect(first).toMatchObject({
    cutover_watch_polls_total: 2,
    'cutover_watch_poll_failures_total{error_type="timeout"}': 1,
    'cutover_watch_poll_failures_total{error_type="network"}': 0,
    'cutover_watch_requests_total{code="200"}': 1,
    'cutover_watch_requests_total{code="none"}': 1,
    'cutover_watch_events_total{event="migration.completed"}': 1,
    [`cutover_watch_rate_limit_remaining{group_id="${orders.groupId}"}`]: 77,
    'cutover_watch_poll_duration_seconds_bucket{le="0.05"}': 0,
    'cutover_watch_poll_duration_seconds_bucket{le="0.1"}': 1,
    'cutover_watch_poll_duration_seconds_bucket{le="10"}': 1,
    'cutover_watch_poll_duration_seconds_bucket{le="30"}': 2,
    'cutover_watch_poll_duration_seconds_bucket{le="+Inf"}': 2,
    cutover_watch_poll_duration_seconds_count: 2,
    cutover_watch_poll_duration_seconds_sum: 11.08,
    cutover_watch_config_last_reload_successful: 1,
    [`cutover_watch_build_info{version="1.2.3",node_version="${process.version}"}`]: 1,
  });
  const names = Object.keys(first);
  expect(names.filter((name) => name.includes('rate_limit_remaining'))).toHaveLength(1);
  expect(names.filter((name) => name.includes('_events_total'))).toHaveLength(Object.keys(catalogue).length);
  expect(names.filter((name) => name.includes('_poll_failures_total'))).toHaveLength(errorKinds.length);

  counters.poll(undefined, 80);
  configCurrent = false;
  expect(await scrape()).toMatchObject({
    cutover_watch_polls_total: 3,
    'cutover_watch_poll_duration_seconds_bucket{le="0.1"}': 2,
    cutover_watch_config_last_reload_successful: 0,
  });
  configCurrent = true;
  expect(await scrape()).toMatchObject({ cutover_watch_config_last_reload_successful: 1 });
});

test('writing the metrics yields to other work, which does not change them', async () => {
  let looks = 0;
  const { context } = await serve({
    snapshots: () => {
      looks += 1;
      return [watchedOrders({ state: copied })];
    },
  });
  let turns = 0;
  let next = setImmediate(function tick() {
    turns += 1;
    next = setImmediate(tick);
  });
  const text = await createMetrics(context).write();
  clearImmediate(next);
  expect(turns).toBeGreaterThan(10);
  const lag = parseMetrics(text)[`cutover_watch_migration_lag_seconds{migration="orders",${labels}}`];
  expect({ looks, lag }).toEqual({ looks: 1, lag: 42 });
});

test('scrapes that arrive while one is written share the next one', async () => {
  let looks = 0;
  const begun = Promise.withResolvers<void>();
  const { context } = await serve({
    snapshots: () => {
      looks += 1;
      begun.resolve();
      return [];
    },
  });
  const scrape = createMetricsHandler();
  const first = scrape(context);
  await begun.promise;
  const second = scrape(context);
  await nextTurn();
  await nextTurn();
  const third = scrape(context);
  expect(second).not.toBe(first);
  expect(third).toBe(second);
  expect((await first).status).toBe(200);
  expect(looks).toBe(1);
  expect((await third).status).toBe(200);
  expect(looks).toBe(2);
});

const planned: MigrationState = {
  ...ready,
  operator: {
    plan: { source: 'operator', statedAt: start, at: start + hour, durationMs: hour, risks: ['deadline'] },
  },
};

test('a planned cutover and an acknowledgement have series of their own', async () => {
  const acknowledged = { statedAt: start };
  const stated = { source: 'operator', statedAt: start, at: start + 99 * hour } as const;
  const readiness = { since: start, sinceKnown: true, stated };
  const state = { ...planned, readiness, operator: { ...planned.operator, acknowledged } };
  expect(await seriesOf(state)).toMatchObject({
    acknowledged: 1,
    cutover_deadline_estimated: 0,
    cutover_deadline_timestamp_seconds: (start + 99 * hour) / 1000,
    planned_cutover_timestamp_seconds: (start + hour) / 1000,
    plan_at_risk: 1,
    cutover_lag_high: 0,
  });
});

test('the metrics are those that the alerts and the dashboard use', async () => {
  const counters = new Counters();
  counters.requestEnd(200);
  counters.remaining.set(orders.groupId, 77);
  const { ask } = await serve({
    counters,
    role: () => ({ role: 'active', lease: { epoch: 7, holder: 'db-1 (pid 4)', remainingMs: 20_500 } }),
    snapshots: () => [watchedOrders({ state: planned })],
    notifications: () => ({
      receivers: [{ name: 'on-call', type: 'slack', state: 'working', waiting: 0 }],
      pingTakenAt: start,
    }),
  });
  const names = Object.keys(parseMetrics((await ask('/metrics')).body)).map((series) => series.split('{')[0]);
  const own = names.filter((name) => name?.startsWith('cutover_watch_'));
  expect(new Set(own)).toEqual(new Set([...metricNames].map((name) => `cutover_watch_${name}`)));
});

test('a name with every character that must be escaped makes one valid series', async () => {
  const target = { ...targetOf(1), name: 'a "b"\\c' };
  const { ask } = await serve({ snapshots: () => [watchedOrders({ target, state: copied })] });
  expect((await ask('/metrics')).body).toContain('cutover_watch_migration_ready{migration="a \\"b\\"\\\\c",');
});

test.skipIf(!hasPromtool)(
  'promtool (Debian package prometheus, skipped without it) finds no fault with the metrics',
  async () => {
    const counters = new Counters();
    counters.poll('timeout', 400);
    counters.requestEnd(200);
    counters.remaining.set(orders.groupId, 77);
    const { ask } = await serve({ counters, snapshots: () => [watchedOrders({ state: ready })] });
    const { body: input, headers } = await ask('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const { status, stdout, stderr } = spawnSync(promtoolPath, ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  },
);

test('scrapes that arrive together are written once, and a later one again', async () => {
  let asked = 0;
  const { context } = await serve({
    snapshots: () => {
      asked += 1;
      return [watchedOrders({ state: copied })];
    },
  });
  const scrape = createMetricsHandler();
  await scrape(context);
  const once = asked;
  await Promise.all(Array.from({ length: 5 }, () => scrape(context)));
  expect(asked).toBe(2 * once);
  await scrape(context);
  expect(asked).toBe(3 * once);
});
