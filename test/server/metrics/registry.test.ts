import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
import { errorKinds } from '../../../src/atlas/error-kind.ts';
import { catalogue } from '../../../src/events/catalogue.ts';
import { Counters } from '../../../src/server/counters.ts';
import { createMetricsHandler } from '../../../src/server/metrics/metrics-handler.ts';
import { createMetrics } from '../../../src/server/metrics/registry.ts';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { hasPromtool, metricNames, promtoolPath } from '../../config/metrics.ts';
import { hour, minute, orders, start, targetOf } from '../../watch/sample-migrations.ts';
import { parseMetrics } from '../parse-metrics.ts';
import { serve, watchedOrders } from '../served.ts';

const copied: MigrationState = {
  rememberedSince: start,
  observation: { lagTimeSeconds: 42, observedAt: start },
  known: { status: 'WORKING', readyForCutover: false },
  absences: 0,
  reportedStatuses: [],
  occurrences: {},
};
const ready: MigrationState = { ...copied, readiness: { since: start + minute, sinceKnown: true } };
const labels = `group_id="${orders.groupId}",live_migration_id="${orders.liveMigrationId}"`;

/** The series of one migration, by name, without the labels that all of them share. */
async function seriesOf(state: MigrationState | undefined): Promise<Record<string, number>> {
  const { ask } = await serve({ watched: () => [watchedOrders({ state })] });
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

  it('tell how it is while it is copied', async () => {
    expect(await seriesOf(copied)).toEqual({
      ...noStatus,
      'status{,status="WORKING"}': 1,
      ready: 0,
      lag_seconds: 42,
      last_observation_timestamp_seconds: start / 1000,
      reachable: 1,
    });
  });

  it('tell the window while it is ready', async () => {
    expect(await seriesOf(ready)).toMatchObject({
      ready: 1,
      ready_since_timestamp_seconds: (start + minute) / 1000,
      cutover_deadline_timestamp_seconds: (start + minute + 120 * hour) / 1000,
    });
  });

  it('have no lag where Atlas tells none, and an unknown status beside the known ones', async () => {
    const state = { ...copied, observation: { observedAt: start }, known: { status: 'PENDING' } };
    expect(await seriesOf(state)).toEqual({
      ...noStatus,
      'status{,status="PENDING"}': 1,
      ready: 0,
      last_observation_timestamp_seconds: start / 1000,
      reachable: 1,
    });
  });

  it('tell how it ended, and have neither a window nor whether it can be read', async () => {
    const state: MigrationState = { ...ready, known: { status: 'WORKING' }, settlement: 'DISAPPEARED' };
    expect(await seriesOf(state)).toEqual({
      ...noStatus,
      'status{,status="DISAPPEARED"}': 1,
      ready: 0,
      lag_seconds: 42,
      last_observation_timestamp_seconds: start / 1000,
    });
  });

  it('tell that it is out of reach, with what was known last', async () => {
    const state: MigrationState = { ...copied, outage: { failures: 3, since: start, told: 'for itself' } };
    expect(await seriesOf(state)).toMatchObject({ reachable: 0, lag_seconds: 42, ready: 0 });
  });
});

test('what was counted before the first scrape is in it, and what is counted after is in the next', async () => {
  const tally = new Counters();
  tally.poll(undefined, 80);
  tally.poll('timeout', 11_000);
  tally.requestEnd(200);
  tally.requestEnd(undefined);
  tally.event('migration.completed');
  tally.remaining.set(orders.groupId, 77);
  tally.remaining.set('of a project no longer watched', 5);
  const { ask } = await serve({ tally });
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

  tally.poll(undefined, 80);
  tally.event('watcher.config_rejected');
  expect(await scrape()).toMatchObject({
    cutover_watch_polls_total: 3,
    'cutover_watch_poll_duration_seconds_bucket{le="0.1"}': 2,
    cutover_watch_config_last_reload_successful: 0,
  });
  tally.event('watcher.config_reloaded');
  expect(await scrape()).toMatchObject({ cutover_watch_config_last_reload_successful: 1 });
});

test('others get their turn while the metrics are written, and do not change them', async () => {
  let looks = 0;
  const { sources } = await serve({
    watched: () => {
      looks += 1;
      return [watchedOrders({ state: copied })];
    },
  });
  let turns = 0;
  let next = setImmediate(function tick() {
    turns += 1;
    next = setImmediate(tick);
  });
  const text = await createMetrics(sources).write();
  clearImmediate(next);
  expect(turns).toBeGreaterThan(10);
  const lag = parseMetrics(text)[`cutover_watch_migration_lag_seconds{migration="orders",${labels}}`];
  expect({ looks, lag }).toEqual({ looks: 1, lag: 42 });
});

test('scrapes that come while one is written all get the next one', async () => {
  let looks = 0;
  const begun = Promise.withResolvers<void>();
  const { sources } = await serve({
    watched: () => {
      looks += 1;
      begun.resolve();
      return [];
    },
  });
  const scrape = createMetricsHandler();
  const first = scrape(sources);
  await begun.promise;
  const second = scrape(sources);
  await nextTurn();
  await nextTurn();
  const third = scrape(sources);
  expect(second).not.toBe(first);
  expect(third).toBe(second);
  expect((await first).status).toBe(200);
  expect(looks).toBe(1);
  expect((await third).status).toBe(200);
  expect(looks).toBe(2);
});

test('the metrics are those that the alerts and the dashboard may rely on', async () => {
  const tally = new Counters();
  tally.requestEnd(200);
  tally.remaining.set(orders.groupId, 77);
  const { ask } = await serve({ tally, watched: () => [watchedOrders({ state: ready })] });
  const names = Object.keys(parseMetrics((await ask('/metrics')).body)).map((series) => series.split('{')[0]);
  const own = names.filter((name) => name?.startsWith('cutover_watch_'));
  expect(new Set(own)).toEqual(new Set([...metricNames].map((name) => `cutover_watch_${name}`)));
});

test('a name with everything that must be escaped makes one sound series', async () => {
  const target = { ...targetOf(1), name: 'a "b"\\c' };
  const { ask } = await serve({ watched: () => [watchedOrders({ target, state: copied })] });
  expect((await ask('/metrics')).body).toContain('cutover_watch_migration_ready{migration="a \\"b\\"\\\\c",');
});

test.skipIf(!hasPromtool)(
  'promtool (Debian package prometheus, skipped without it) finds no fault with the metrics',
  async () => {
    const tally = new Counters();
    tally.poll('timeout', 400);
    tally.requestEnd(200);
    tally.remaining.set(orders.groupId, 77);
    const { ask } = await serve({ tally, watched: () => [watchedOrders({ state: ready })] });
    const { body: input, headers } = await ask('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const { status, stdout, stderr } = spawnSync(promtoolPath, ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  },
);

test('scrapes that come together are written down once, and the next one anew', async () => {
  let asked = 0;
  const { sources } = await serve({
    watched: () => {
      asked += 1;
      return [watchedOrders({ state: copied })];
    },
  });
  const scrape = createMetricsHandler();
  await scrape(sources);
  const once = asked;
  await Promise.all(Array.from({ length: 5 }, () => scrape(sources)));
  expect(asked).toBe(2 * once);
  await scrape(sources);
  expect(asked).toBe(3 * once);
});
