import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { apiKey, type Program, start, temporaryFolder, writeConfig } from './program.ts';

function target(n: number, more: object = {}) {
  return { name: `m${n}`, groupId, liveMigrationId: migrationId(n), ...more };
}

/** The text of a file with these migrations alone. */
function filed(...numbers: readonly number[]): string {
  return JSON.stringify({ migrations: numbers.map((n) => target(n)) });
}

function seen(name: string) {
  return ({ event, migration }: Program['events'][number]) =>
    event === 'migration.first_seen' && migration === name;
}

test('SIGHUP takes migrations in and out, renames one, and keeps what is unchanged as it was', async () => {
  const atlas = await startAtlas();
  for (const n of [0, 1, 2]) atlas.say(n, { status: 'WORKING' });
  const folder = temporaryFolder();
  const config = configFor(atlas.simulator.baseUrl);
  const file = writeConfig(folder, { ...config, migrations: [target(0), target(1)] });
  const program = start(['run', '-c', file]);
  await program.until(seen('m1'));

  writeConfig(folder, {
    ...config,
    migrations: [target(0, { name: 'sales', labels: { team: 'a' } }), target(2)],
  });
  program.child.kill('SIGHUP');
  const reloaded = await program.until(({ event }) => event === 'watcher.config_reloaded');
  expect(reloaded).toMatchObject({ level: 'info', added: ['m2'], removed: ['m1'], changed: ['sales'] });
  await program.until(seen('m2'));
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  const ready = await program.until(({ event }) => event === 'migration.ready_for_cutover');
  expect(ready).toMatchObject({ migration: 'sales', labels: { team: 'a' }, readySinceKnown: true });

  const asked = () => atlas.simulator.requests.filter(({ path }) => path.endsWith(migrationId(1))).length;
  const before = asked();
  const more = atlas.simulator.counts.total + 3;
  await expect.poll(() => atlas.simulator.counts.total).toBeGreaterThan(more);
  expect(asked()).toBe(before);
  expect(program.events.filter(({ event }) => event === 'migration.first_seen')).toHaveLength(3);
  expect((await program.end()).code).toBe(0);
});

test('a changed file that is not valid is rejected with all its problems and changes nothing', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const program = start(['run', '-c', file]);
  await program.until(seen('m0'));
  writeFileSync(file, 'atlas: { reqestTimeout: 5s }\nmigrations: []\n');
  program.child.kill('SIGHUP');
  const rejected = await program.until(({ event }) => event === 'watcher.config_rejected');
  expect(rejected).toMatchObject({
    level: 'error',
    problems: [expect.stringContaining('requestTimeout'), expect.stringContaining('migrations')],
  });
  atlas.say(0, { status: 'WORKING' });
  await program.until(({ event }) => event === 'migration.status_changed');
  writeConfig(folder, { ...configFor(atlas.simulator.baseUrl), log: { level: 'debug' } });
  program.child.kill('SIGHUP');
  expect(await program.until(({ event }) => event === 'watcher.config_reloaded')).toMatchObject({
    added: [],
    needsRestart: ['log.level'],
  });
  expect((await program.end()).code).toBe(0);
});

test('a folder swapped behind a symbolic link, as mounted ones are, is noticed by its content', async () => {
  const atlas = await startAtlas();
  for (const n of [0, 1]) atlas.say(n, { status: 'NEW' });
  const folder = temporaryFolder();
  const config = { ...configFor(atlas.simulator.baseUrl), state: { path: join(folder, 'state.db') } };
  for (const [version, count] of [
    ['one', 1],
    ['two', 2],
  ] as const) {
    mkdirSync(join(folder, version));
    writeConfig(join(folder, version), {
      ...config,
      migrations: Array.from({ length: count }, (_, n) => target(n)),
    });
  }
  symlinkSync('one', join(folder, 'data'));
  const program = start(['run', '-c', join(folder, 'data', 'cutover-watch.yaml')]);
  await program.until(seen('m0'));
  symlinkSync('two', join(folder, 'next'));
  renameSync(join(folder, 'next'), join(folder, 'data'));
  await program.until(seen('m1'));
  expect(program.events.filter(({ event }) => event === 'watcher.config_reloaded')).toHaveLength(1);
  expect((await program.end()).code).toBe(0);
});

test('a key that is rotated is read again after a refusal, and what was refused is polled at once', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const folder = temporaryFolder();
  const key = join(folder, 'key');
  writeFileSync(key, 'an-old-key-that-is-refused', { mode: 0o600 });
  const env = { MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY_FILE: key };
  const program = start(['run', '-c', writeConfig(folder, configFor(atlas.simulator.baseUrl))], env);
  await program.until(({ event }) => event === 'watcher.poll_failed');
  const before = atlas.simulator.counts.total;
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(atlas.simulator.counts.total).toBe(before);

  rmSync(key);
  writeFileSync(key, `${apiKey.privateKey}\n`, { mode: 0o600 });
  program.child.kill('SIGHUP');
  expect(await program.until(({ event }) => event === 'watcher.config_reloaded')).toMatchObject({
    credentialsChanged: true,
  });
  await program.until(seen('m0'));
  expect((await program.end()).code).toBe(0);
});

test('an edit in the instant of the start is noticed', async () => {
  const atlas = await startAtlas();
  for (const n of [0, 1]) atlas.say(n, { status: 'NEW' });
  const folder = temporaryFolder();
  const key = join(folder, 'key');
  execFileSync('sh', ['-c', `mkfifo -m 600 ${key}`]);
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const program = start(['run', '-c', file], {
    MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey,
    MONGODB_ATLAS_PRIVATE_API_KEY_FILE: key,
  });
  // The configuration has been read when the key is, and the daemon looks at it when it has the key.
  const pipe = await open(key, 'w');
  writeConfig(folder, configFor(atlas.simulator.baseUrl, 2));
  writeFileSync(join(folder, 'next'), apiKey.privateKey, { mode: 0o600 });
  renameSync(join(folder, 'next'), key);
  await pipe.writeFile(apiKey.privateKey);
  await pipe.close();
  expect(await program.until(({ event }) => event === 'watcher.config_reloaded')).toMatchObject({
    added: ['m1'],
  });
  expect((await program.end()).code).toBe(0);
});

test('a configuration out of a pipe, which can be read only once, is not looked at again', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const folder = temporaryFolder();
  const text = JSON.stringify({
    ...configFor(atlas.simulator.baseUrl),
    state: { path: ':memory:' },
    http: { listen: false },
  });
  const file = join(folder, 'pipe');
  execFileSync('sh', ['-c', `mkfifo ${file}`]);
  const program = start(['run', '-c', file]);
  await writeFile(file, text);
  await program.until(seen('m0'));
  expect((await program.end()).code).toBe(0);
  expect(program.events.filter(({ event }) => event.startsWith('watcher.config'))).toEqual([]);
});

test('a reload reports what the start would have warned of', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const folder = temporaryFolder();
  const key = join(folder, 'key');
  writeFileSync(key, apiKey.privateKey, { mode: 0o600 });
  const env = { MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY_FILE: key };
  const config = configFor(atlas.simulator.baseUrl);
  const program = start(['run', '-c', writeConfig(folder, config)], env);
  await program.until(seen('m0'));
  chmodSync(key, 0o644);
  writeConfig(folder, { ...config, atlas: { ...config.atlas, requestsPerMinute: 10 } });
  program.child.kill('SIGHUP');
  const reloaded = await program.until(({ event }) => event === 'watcher.config_reloaded');
  expect(reloaded).toMatchObject({
    warnings: [expect.stringContaining(key), expect.stringContaining('requestsPerMinute')],
    msg: expect.stringContaining('requestsPerMinute'),
  });
  expect((await program.end()).code).toBe(0);
  expect(program.stderr).toBe('');
});

test('a reload asked for on the way out changes nothing any more', async () => {
  const atlas = await startAtlas({ replyDelayMs: 1_500 });
  for (const n of [0, 1]) atlas.say(n, { status: 'NEW' });
  const folder = temporaryFolder();
  const config = configFor(atlas.simulator.baseUrl);
  const program = start(['run', '-c', writeConfig(folder, config)]);
  await program.until(({ event }) => event === 'watcher.started');
  await expect.poll(() => atlas.simulator.counts.total).toBeGreaterThan(0);
  writeConfig(folder, { ...configFor(atlas.simulator.baseUrl, 2), watch: { heartbeat: '100ms' } });
  program.child.kill('SIGTERM');
  await program.until(({ event }) => event === 'watcher.stopping');
  program.child.kill('SIGHUP');
  const { code, signal } = await program.ended;
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  expect(program.events.at(-1)?.event).toBe('watcher.stopped');
  expect(program.events.filter(({ event }) => event === 'watcher.config_reloaded')).toEqual([]);
});

test('included files are watched: one more, a bad one, and a whole folder that a link swaps', async () => {
  const atlas = await startAtlas();
  for (const n of [0, 1, 2]) atlas.say(n, { status: 'NEW' });
  const folder = temporaryFolder();
  for (const [name, text] of [
    ['..1', filed(1)],
    ['..2', filed(1, 2)],
    ['..3', '{"migrations": ['],
  ] as const) {
    mkdirSync(join(folder, 'more', name), { recursive: true });
    writeFileSync(join(folder, 'more', name, 'a.yaml'), text);
  }
  const point = (version: string) => {
    symlinkSync(version, join(folder, 'more', '..next'));
    renameSync(join(folder, 'more', '..next'), join(folder, 'more', '..data'));
  };
  point('..1');
  symlinkSync('..data/a.yaml', join(folder, 'more', 'a.yaml'));
  const file = writeConfig(folder, { ...configFor(atlas.simulator.baseUrl), include: ['more/*.yaml'] });
  const program = start(['run', '-c', file]);
  await program.until(seen('m1'));

  point('..3');
  program.child.kill('SIGHUP');
  expect(await program.until(({ event }) => event === 'watcher.config_rejected')).toMatchObject({
    problems: [expect.stringMatching(/more\/a\.yaml: line 1, column \d+: /)],
  });
  point('..2');
  // Without a signal.
  expect(await program.until(({ event }) => event === 'watcher.config_reloaded')).toMatchObject({
    added: ['m2'],
    removed: [],
  });
  await program.until(seen('m2'));
  expect((await program.end()).code).toBe(0);
});
