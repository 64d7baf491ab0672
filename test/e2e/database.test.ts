import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSharedStore } from '../../src/state/postgres/store.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { freePort } from '../free-port.ts';
import { hasPostgres, type PostgresServer, startPostgres, watcherUser } from '../postgres/server.ts';
import { batchOf, eventOf, orders as ids, minute, recordedState } from '../state/sample-change.ts';
import { groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const orders = { name: 'orders', ...ids };

/** A configuration of a database, whose address is in a file that only its owner can read. */
function configOf(folder: string, url: string, more: object = {}): string {
  const urlFile = join(folder, 'url');
  writeFileSync(urlFile, `${url}\n`, { mode: 0o600 });
  return writeConfig(folder, { state: { urlFile }, migrations: [orders], ...more });
}

describe.skipIf(!hasPostgres)('commands with a database (skipped without PostgreSQL)', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  it('copy a state file into it, and show of it what they show of the file', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'state.db');
    const store = openStore(file);
    const observedAt = Date.now() - minute;
    await store.commit(
      batchOf({
        states: [recordedState()],
        samples: [{ ...ids, observedAt, lagTimeSeconds: 30 }],
        events: [eventOf('a'.repeat(32)), { ...eventOf('b'.repeat(32)), migration: 'bestellungen' }],
        cursors: [{ sink: 'stdout', position: 2 }],
      }),
    );
    await store.close();
    const usual = writeConfig(temporaryFolder(), { state: { path: file }, migrations: [orders] });
    const config = configOf(folder, await server.newDatabase());
    const copy = await runToEnd(['state', 'copy', file, `@${join(folder, 'url')}`]);
    expect(copy).toMatchObject({ code: 0, stderr: '' });
    expect(copy.stdout).toMatch(
      /^Copied from \/.*state\.db to postgresql:\/\/127\.0\.0\.1:\d+\/db_\w+: 1 migration, 2 events, 1 lag sample, 0 outages, 1 place of a receiver in the event log and 0 waiting requests\./,
    );
    const commands = [
      ['history', '--json'],
      ['history', 'bestellungen', '--json'],
      ['report', '--format', 'json'],
      ['notify', 'list', '--json'],
    ];
    for (const command of commands) {
      const [before, after] = await Promise.all([
        runToEnd([...command, '-c', usual]),
        runToEnd([...command, '-c', config]),
      ]);
      expect(after.stdout.replace(/"madeAt": ".*"/, '')).toBe(before.stdout.replace(/"madeAt": ".*"/, ''));
      expect([after.code, after.stderr]).toEqual([before.code, before.stderr]);
      expect(after.stdout).not.toBe('');
    }
    const word = await runToEnd(['ack', 'orders', '-c', config]);
    expect(word).toMatchObject({ code: 0, stdout: expect.stringContaining('Recorded for orders.') });
    const [again, shown] = await Promise.all([
      runToEnd(['state', 'copy', file, `@${join(folder, 'url')}`]),
      runToEnd(['validate', '-c', config], keyInEnvironment()),
    ]);
    expect(again).toMatchObject({
      code: 73,
      stderr: expect.stringContaining('has the state of a watcher already'),
    });
    expect(shown.stdout).toMatch(
      /^ {2}url: postgresql:\/\/127\.0\.0\.1:\d+\/db_\w+ \(from state\.urlFile\)$/m,
    );
    for (const { stdout, stderr } of [copy, word, again, shown])
      expect(stdout + stderr).not.toMatch(new RegExp(`ss/w|ss%2Fw|${watcherUser.name}:`));
  });

  it('run writes first what a former watcher has stored and not written', async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: false });
    const url = await server.newDatabase();
    const store = await openSharedStore(url, 30_000);
    await store.lease.take();
    await store.commit(batchOf({ events: [eventOf('a'.repeat(32))] }));
    await store.lease.release();
    await store.close();
    const config = configOf(temporaryFolder(), url, {
      atlas: { baseUrl: atlas.simulator.baseUrl },
      migrations: [{ name: 'orders', groupId, liveMigrationId: migrationId(0) }],
    });
    const { code, stdout, stderr } = await runToEnd(['run', '--once', '-c', config], keyInEnvironment());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toContain('a'.repeat(32));
    expect(stdout).not.toContain('unfenced');
  });
});

it('that cannot be reached ends what needs the record with 73, and check goes on without it', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  const folder = temporaryFolder();
  const url = `postgresql://watch:hush-hush@127.0.0.1:${await freePort()}/watch`;
  const config = configOf(folder, url, {
    atlas: { baseUrl: atlas.simulator.baseUrl },
    migrations: [{ name: 'orders', groupId, liveMigrationId: migrationId(0) }],
  });
  const [history, report, word, copy, check] = await Promise.all([
    runToEnd(['history', '-c', config]),
    runToEnd(['report', '-c', config]),
    runToEnd(['ack', 'orders', '-c', config]),
    runToEnd(['state', 'copy', `@${join(folder, 'url')}`, join(folder, 'state.db')]),
    runToEnd(['check', '-c', config], keyInEnvironment()),
  ]);
  for (const { code, stderr } of [history, report, word, copy])
    expect([code, stderr]).toEqual([
      73,
      expect.stringMatching(/^postgresql:\/\/127\.0\.0\.1:\d+\/watch: .*cannot be reached/),
    ]);
  expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('without a record.') });
  for (const { stdout, stderr } of [history, report, word, copy, check])
    expect(stdout + stderr).not.toContain('hush');
});

it('whose address stands in the command line is refused, and not shown', async () => {
  const { code, stderr, stdout } = await runToEnd([
    'state',
    'copy',
    'postgresql://u:hush-hush@h/d',
    'state.db',
  ]);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toMatch(
    /^FROM is the address of a database, a secret that others can read in a command line\./,
  );
  expect(stderr).not.toContain('hush');
});
