import { expect, test } from 'vitest';
import { parseMetrics } from '../server/parse-metrics.ts';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { writeConfig } from './program.ts';
import { type ServedProgram, startServed } from './served-program.ts';

const hour = 3_600;

/** The series of one migration by their short names. */
async function seriesOf({ ask }: ServedProgram, n: number): Promise<Record<string, number>> {
  const labels = `migration="m${n}",group_id="${groupId}",live_migration_id="${migrationId(n)}"`;
  const all = Object.entries(parseMetrics((await ask('/metrics')).body));
  const own = all.filter(([series]) => series.includes(labels));
  return Object.fromEntries(
    own.map(([series, value]) => [series.replace('cutover_watch_migration_', '').replace(labels, ''), value]),
  );
}

/** The status whose series is 1. */
function statusIn(series: Record<string, number>): string[] {
  return Object.entries(series)
    .filter(([name, value]) => name.startsWith('status') && value === 1)
    .map(([name]) => /status="(.*)"/.exec(name)?.[1] ?? name);
}

test('metrics and API follow a migration through its life', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW', readyForCutover: false });
  atlas.say(1, { status: 'WORKING' });
  const served = await startServed(configFor(atlas.simulator.baseUrl, 2));
  const { program, ask } = served;
  const until = async (event: string, migration: string) =>
    program.until((each) => each.event === event && each.migration === migration);

  await until('migration.first_seen', 'm1');
  await expect.poll(async () => (await ask('/readyz')).status).toBe(200);
  expect((await ask('/livez')).json()).toMatchObject({ alive: true });
  const fresh = await seriesOf(served, 0);
  expect(statusIn(fresh)).toEqual(['NEW']);
  expect(fresh).toMatchObject({ 'ready{}': 0, 'reachable{}': 1 });
  expect(fresh).not.toHaveProperty('lag_seconds{}');

  atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 300 });
  await until('migration.status_changed', 'm0');
  const copying = await seriesOf(served, 0);
  expect(statusIn(copying)).toEqual(['WORKING']);
  expect(copying).toMatchObject({ 'ready{}': 0, 'lag_seconds{}': 300 });

  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 });
  const ready = await until('migration.ready_for_cutover', 'm0');
  const waiting = await seriesOf(served, 0);
  const since = Date.parse(String(ready.readySince)) / 1000;
  expect(waiting).toMatchObject({
    'ready{}': 1,
    'ready_since_timestamp_seconds{}': since,
    'cutover_deadline_timestamp_seconds{}': since + 120 * hour,
  });
  const view = (await ask('/api/migrations/m0')).json();
  expect(view).toMatchObject({
    migration: 'm0',
    status: 'WORKING',
    readyForCutover: true,
    readySince: ready.readySince,
    deadline: ready.deadline,
    deadlineEstimated: true,
  });
  expect(view.remainingSeconds).toBeGreaterThan(119 * hour);
  expect((await ask(`/api/migrations/${migrationId(0)}`)).json().migration).toBe('m0');

  atlas.say(1, { status: 'ODD' });
  await until('migration.unknown_status', 'm1');
  expect(statusIn(await seriesOf(served, 1))).toEqual(['ODD']);

  atlas.say(0, { status: 'COMPLETE', readyForCutover: false });
  await until('migration.completed', 'm0');
  const settled = await seriesOf(served, 0);
  expect(statusIn(settled)).toEqual(['COMPLETE']);
  expect(
    Object.keys(settled)
      .filter((name) => !name.startsWith('status'))
      .toSorted(),
  ).toEqual(['last_observation_timestamp_seconds{}', 'ready{}']);
  expect((await ask('/api/migrations/m0')).json()).toMatchObject({ settlement: 'COMPLETE' });
  const { samples } = (await ask('/api/migrations/m0/lag?since=1h')).json() as {
    samples: { lagTimeSeconds: number }[];
  };
  expect(new Set(samples.map(({ lagTimeSeconds }) => lagTimeSeconds))).toEqual(new Set([300, 3]));

  const { events } = (await ask('/api/events?limit=1000')).json() as { events: { eventId: string }[] };
  expect(events).toEqual(program.events.filter(({ event }) => event.startsWith('migration.')));
  const metrics = parseMetrics((await ask('/metrics')).body);
  expect(metrics).toMatchObject({
    'cutover_watch_events_total{event="migration.first_seen"}': 2,
    'cutover_watch_events_total{event="migration.completed"}': 1,
    'cutover_watch_requests_total{code="401"}': 1,
    'cutover_watch_poll_failures_total{error_type="network"}': 0,
  });
  expect(metrics.cutover_watch_polls_total).toBeGreaterThanOrEqual(6);
  // A poll may end between the two of one answer.
  const counts = async () => {
    const {
      cutover_watch_polls_total: polls = Number.NaN,
      cutover_watch_poll_duration_seconds_count: timed = 0,
    } = parseMetrics((await ask('/metrics')).body);
    return polls - timed;
  };
  await expect.poll(counts).toBe(0);
  expect((await program.end()).code).toBe(0);
});

test('an outage of Atlas is shown, and leaves the watcher alive', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', lagTimeSeconds: 90 });
  const config = { ...configFor(atlas.simulator.baseUrl), watch: { unreachableAfter: '0s' } };
  const served = await startServed({ ...config, retry: { attempts: 1 } });
  await served.program.until(({ event }) => event === 'migration.first_seen');
  await atlas.simulator.close();
  const down = await served.program.until(({ event }) => event === 'watcher.unreachable');
  expect((await served.ask('/api/migrations/m0')).json()).toMatchObject({
    reachable: false,
    lagTimeSeconds: 90,
    outage: { since: down.since, errorType: 'network', remedy: down.remedy },
  });
  const metrics = parseMetrics((await served.ask('/metrics')).body);
  expect(metrics['cutover_watch_poll_failures_total{error_type="network"}']).toBeGreaterThan(0);
  expect(metrics['cutover_watch_requests_total{code="none"}']).toBeGreaterThan(0);
  expect(await seriesOf(served, 0)).toMatchObject({ 'reachable{}': 0, 'lag_seconds{}': 90 });
  expect((await served.ask('/livez')).status).toBe(200);
});

test('readyz waits for the first round, and nothing else does', async () => {
  const atlas = await startAtlas({ replyDelayMs: 1_500 });
  atlas.say(0, { status: 'NEW' });
  const { ask } = await startServed(configFor(atlas.simulator.baseUrl));
  expect(await ask('/readyz')).toMatchObject({
    status: 503,
    body: expect.stringContaining('0 of 1 migrations'),
  });
  expect((await ask('/livez')).status).toBe(200);
  expect((await ask('/api/migrations/m0')).json()).not.toHaveProperty('observedAt');
  await expect.poll(async () => (await ask('/readyz')).status).toBe(200);
});

test('a reload removes the series and paths of a removed migration, and adds host names', async () => {
  const atlas = await startAtlas();
  for (const n of [0, 1]) atlas.say(n, { status: 'WORKING', lagTimeSeconds: 5 });
  const served = await startServed(configFor(atlas.simulator.baseUrl, 2));
  const { program, folder, ask } = served;
  await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm1');
  expect(await seriesOf(served, 1)).not.toEqual({});
  const named = { headers: { host: 'watch.example.com' } };
  expect((await ask('/livez', named)).status).toBe(403);

  const http = { listen: '127.0.0.1:1', allowedHosts: ['watch.example.com'] };
  writeConfig(folder, { ...configFor(atlas.simulator.baseUrl), http });
  program.child.kill('SIGHUP');
  expect(await program.until(({ event }) => event === 'watcher.config_reloaded')).toMatchObject({
    removed: ['m1'],
    needsRestart: ['http.listen'],
  });
  expect(await seriesOf(served, 1)).toEqual({});
  expect((await ask('/api/migrations/m1')).status).toBe(404);
  expect((await ask('/livez', named)).status).toBe(200);

  writeConfig(folder, { migrations: [] });
  program.child.kill('SIGHUP');
  await program.until(({ event }) => event === 'watcher.config_rejected');
  const metrics = parseMetrics((await ask('/metrics')).body);
  expect(metrics.cutover_watch_config_last_reload_successful).toBe(0);
});
