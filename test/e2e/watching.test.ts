import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/state/sqlite/store.ts';
import { firstPoll } from '../server/served.ts';
import { commitEvents } from '../state/sample-change.ts';
import { orders } from '../watch/sample-migrations.ts';
import { configFor, migrationId, startAtlas } from './atlas-by-hand.ts';
import { migrationEvents, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

test('a migration taken through its life gives one event a transition, and the watcher ends by itself', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW', readyForCutover: false, migrationHosts: null });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl));
  const program = start(['run', '-c', file, '--exit-when-settled']);

  await program.until(({ event }) => event === 'migration.first_seen');
  atlas.say(0, {
    status: 'WORKING',
    readyForCutover: false,
    lagTimeSeconds: 300,
    migrationHosts: ['a.example.net'],
  });
  await program.until(({ event }) => event === 'migration.status_changed');
  atlas.say(0, {
    status: 'WORKING',
    readyForCutover: true,
    lagTimeSeconds: 4,
    migrationHosts: 'a.example.net',
  });
  const ready = await program.until(({ event }) => event === 'migration.ready_for_cutover');
  atlas.say(0, { status: 'COMPLETE', readyForCutover: false });

  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(migrationEvents(program.events)).toEqual([
    'migration.first_seen',
    'migration.status_changed',
    'migration.ready_for_cutover',
    'migration.status_changed',
    'migration.completed',
  ]);
  expect(program.events.map(({ event }) => event).slice(-3)).toEqual([
    'watcher.settled',
    'watcher.stopping',
    'watcher.stopped',
  ]);
  expect(ready).toMatchObject({
    level: 'warn',
    readySinceKnown: true,
    readySince: ready.observedAt,
    deadline: new Date(Date.parse(String(ready.observedAt)) + 120 * 3_600_000).toISOString(),
    deadlineEstimated: true,
    previous: { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 300 },
  });
  expect(program.stderr).toBe('');
});

test('what happened while the watcher was down is reported once, and a restart repeats nothing', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 300 });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl));
  const first = await runToEnd(['run', '-c', file, '--once']);
  const second = await runToEnd(['run', '-c', file, '--once']);
  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 });
  const third = await runToEnd(['run', '-c', file, '--once']);
  const fourth = await runToEnd(['run', '-c', file, '--once']);

  expect(migrationEvents(first.events)).toEqual(['migration.first_seen']);
  expect(migrationEvents(second.events)).toEqual([]);
  expect(second.events[0]).toMatchObject({ event: 'watcher.started', resumed: 1 });
  expect(third.events[1]).toMatchObject({ event: 'migration.ready_for_cutover', readySinceKnown: true });
  expect(migrationEvents(fourth.events)).toEqual([]);
});

test('what has ended is read again at the next start, and watched again where it was retried', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'EXPIRED' });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl));
  await runToEnd(['run', '-c', file, '--once']);
  atlas.say(0, undefined);
  const gone = await runToEnd(['run', '-c', file, '--once']);
  expect([gone.code, migrationEvents(gone.events)]).toEqual([0, []]);
  atlas.say(0, { status: 'WORKING' });
  const { code, events } = await runToEnd(['run', '-c', file, '--exit-when-settled', '--timeout', '2s']);
  expect(code).toBe(1);
  expect(events.filter(({ event }) => event === 'migration.status_changed')).toMatchObject([
    { from: 'EXPIRED', to: 'WORKING' },
  ]);
  expect(events.at(-1)).toMatchObject({ event: 'watcher.stopped', reason: 'the time of 2s ran out' });
});

test('run refuses a timeout that it cannot use with 64, and says what it is for', async () => {
  const file = writeConfig(temporaryFolder(), configFor('http://127.0.0.1:1'));
  const alone = await runToEnd(['run', '-c', file, '--timeout', '6h']);
  expect([alone.code, alone.stderr]).toEqual([
    64,
    expect.stringContaining('--timeout needs --exit-when-settled'),
  ]);
  const wrong = await runToEnd(['run', '-c', file, '--exit-when-settled', '--timeout', 'soon']);
  expect([wrong.code, wrong.stderr]).toEqual([
    64,
    expect.stringContaining('--timeout "soon" is no length of time'),
  ]);
});

test('a second watcher on the same state file is refused with 73 and the reason', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const holder = start(['run', '-c', file]);
  await holder.until(({ event }) => event === 'migration.first_seen');
  const second = await runToEnd(['run', '-c', file]);
  expect(second).toMatchObject({ code: 73, stdout: '' });
  expect(second.stderr).toBe(
    `${folder}/state.db: another watcher is using this state file. Stop it first, or set state.path to another file for this one.\n`,
  );
  expect((await holder.end('SIGINT')).code).toBe(0);
});

const history = (config: string, wanted: string) => runToEnd(['history', '-c', config, '--json', wanted], {});

test('history finds a migration by its id and by every name that it had, and lists the names for any other', async () => {
  const folder = temporaryFolder();
  const { events } = firstPoll();
  const store = openStore(join(folder, 'state.db'));
  const renamed = events.map((event) => ({
    ...event,
    migration: 'former',
    eventId: String(event.eventId).replaceAll('a', 'b'),
  }));
  await commitEvents(store, ...renamed, ...events);
  await store.close();
  const { name, groupId, liveMigrationId } = orders;
  const others = [{ name: 'other', groupId, liveMigrationId: migrationId(3) }];
  const file = writeConfig(folder, { migrations: [{ name, groupId, liveMigrationId }] });
  const gone = writeConfig(temporaryFolder(), {
    migrations: others,
    state: { path: join(folder, 'state.db') },
  });
  const found = await Promise.all([
    history(file, name),
    history(file, 'former'),
    history(file, liveMigrationId),
    history(gone, `${groupId}/${liveMigrationId}`),
  ]);
  for (const { code, events: shown } of found)
    expect({ code, count: shown.length }).toEqual({ code: 0, count: 2 * events.length });
  expect(await history(gone, 'ordes')).toMatchObject({
    code: 64,
    stderr: 'There is no migration "ordes" in the configuration or the record. Did you mean orders?\n',
  });
  expect(await history(gone, 'other')).toMatchObject({
    code: 0,
    stderr: 'No events are recorded of other.\n',
  });
});

test('history reads the recorded events while the daemon runs', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  atlas.say(1, { status: 'WORKING', readyForCutover: true });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl, 2));
  const program = start(['run', '-c', file]);
  const ready = await program.until(({ event }) => event === 'migration.ready_for_cutover');
  const all = await runToEnd(['history', '-c', file, '--json'], {});
  const one = await runToEnd(['history', '-c', file, 'm1'], {});
  await program.end();
  expect(all.events.map(({ eventId }) => eventId)).toEqual(
    program.events.map(({ eventId }) => eventId).filter((eventId) => eventId !== undefined),
  );
  expect(one.stdout.split('\n')).toHaveLength(3);
  expect(one.stdout).toContain(ready.msg);
});
