import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { planOf } from '../../src/daemon/plan.ts';
import { migrationView } from '../../src/server/migration-view.ts';
import { standingPolicy } from '../../src/watch/standing.ts';
import { heartbeat } from '../../src/watch/watcher-events.ts';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { hour, minute, type Outcome, start } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const ready: Outcome = { status: 'WORKING', readyForCutover: true };

/** Two migrations: one as all, one with these settings of its own. */
async function configWith(own: object): Promise<Config> {
  const usual = { name: 'usual', groupId, liveMigrationId: 'a'.repeat(24) };
  const text = JSON.stringify({
    cutover: { remindEvery: 0 },
    migrations: [usual, { name: 'own', groupId, liveMigrationId: 'b'.repeat(24), ...own }],
  });
  const result = await loadConfig({ file: 'w', env: { HOME: '/h' }, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

async function watch(own: object, outcome: Outcome) {
  const config = await configWith(own);
  const { planFor } = planOf(config);
  const atlas = new ScriptedAtlas().answerAll(outcome);
  const harness = await WatcherHarness.start({ client: atlas, targets: config.migrations, planFor });
  await advance(1_000);
  const reported = () =>
    harness.events
      .splice(0)
      .map(({ event, migration, threshold, deadline }) =>
        [migration, event, threshold, deadline].filter((part) => typeof part === 'string').join(' '),
      );
  return { config, harness, atlas, reported, planFor };
}

const at = (hours: number): string => new Date(start + hours * hour).toISOString();

test('a window and warnings of its own apply to one migration alone, and end it there', async () => {
  const { harness, reported } = await watch({ cutover: { window: '24h', warnBefore: ['2h'] } }, ready);
  expect(reported()).toEqual(
    expect.arrayContaining([
      `usual migration.ready_for_cutover ${at(120)}`,
      `own migration.ready_for_cutover ${at(24)}`,
    ]),
  );
  harness.setClock(22 * hour);
  await advance(15_000);
  expect(reported()).toEqual([`own migration.cutover_deadline_near 2h ${at(24)}`]);
  harness.setClock(2 * hour);
  await advance(15_000);
  expect(reported()).toEqual([`own migration.cutover_deadline_passed ${at(24)}`]);
});

test('a reload with another window reports what is due at once, of that migration alone and once', async () => {
  const { harness, reported } = await watch({ cutover: { window: '72h' } }, ready);
  harness.setClock(20 * hour);
  await advance(15_000);
  reported();
  const { migrations } = await configWith({ cutover: { window: '24h', warnBefore: ['6h', '2h'] } });
  await harness.reload(migrations);
  await advance(15_000);
  expect(reported()).toEqual([`own migration.cutover_deadline_near 6h ${at(24)}`]);
  await harness.reload(
    (await configWith({ cutover: { window: '24h', warnBefore: ['6h', '2h'] } })).migrations,
  );
  await advance(60_000);
  expect(reported()).toEqual([]);
});

test('a schedule of its own polls one migration at another pace, also after a reload', async () => {
  const { harness, atlas, config } = await watch({ schedule: { default: '0 * * * * *' } }, { status: 'NEW' });
  const [usual, own] = config.migrations;
  if (usual === undefined || own === undefined) throw new Error('Two migrations are watched.');
  const pollsIn = async (ms: number) => {
    atlas.calls.length = 0;
    await advance(ms);
    return [atlas.callsOf(usual).length, atlas.callsOf(own).length];
  };
  expect(await pollsIn(4 * minute)).toEqual([8, 4]);
  await harness.reload((await configWith({ schedule: { default: '*/10 * * * * *' } })).migrations);
  await advance(minute);
  expect(await pollsIn(4 * minute)).toEqual([8, 24]);
});

test('a migration may fail for longer before it counts as unreachable', async () => {
  const { harness, atlas, config, reported, planFor } = await watch(
    { watch: { unreachableAfter: '10m' } },
    { status: 'WORKING' },
  );
  reported();
  atlas.answer(config.migrations.slice(1), 'network');
  const reachable = () =>
    harness.snapshots.map((one) => {
      const policy = standingPolicy({ planFor })(one.target);
      return migrationView(one, start + performance.now(), policy).reachable;
    });
  await advance(9 * minute);
  expect(reachable()).toEqual([true, true]);
  expect(reported().filter((line) => line.includes('unreachable'))).toEqual([]);
  await advance(2 * minute);
  expect(reachable()).toEqual([true, false]);
  expect(reported()).toContain('own watcher.unreachable');
});

test('the view, the heartbeat and its headline count by the settings of each migration', async () => {
  const { harness, planFor } = await watch(
    { cutover: { window: '24h' }, schedule: { default: '0 * * * * *', approaching: '0 * * * * *' } },
    ready,
  );
  const policyOf = standingPolicy({ planFor });
  const now = start + hour;
  const views = harness.snapshots.map((one) => migrationView(one, now, policyOf(one.target)));
  expect(views).toMatchObject([
    { migration: 'usual', deadline: at(120), remainingSeconds: 119 * 3_600, intervalSeconds: 30 },
    { migration: 'own', deadline: at(24), remainingSeconds: 23 * 3_600, intervalSeconds: 60 },
  ]);
  const facts = { credential: 'apiKey' as const, polls: 2, pollFailures: 0, droppedLines: 0 };
  const fields = heartbeat({ ...facts, migrations: harness.snapshots, policyOf, now });
  expect(fields).toMatchObject({ nextDeadline: at(24) });
  expect(fields.headline).toContain('Cut over own within 23 h');
});
