import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/state/sqlite/store.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { batchOf } from '../state/sample-change.ts';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { apiKey, keyInEnvironment, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

test('check prints an aligned table, the most urgent first, remembers nothing, and exits 0 when all were read', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  atlas.say(1, {
    status: 'WORKING',
    readyForCutover: true,
    lagTimeSeconds: 75,
    migrationHosts: 'vm001.example.com',
  });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl, 2));
  const { code, stdout, stderr } = await runToEnd(['check', '-c', file]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    [
      '   NAME  STATE    TIME LEFT / READY IN  LAG         TREND  STATUS   HOSTS',
      '★  m1    Ready    –                     1 min 15 s  –      WORKING  vm001.example.com',
      '○  m0    Waiting  –                     –           –      NEW      –',
      '',
      `No trend, estimate or time left without a record. ${folder}/state.db: there is no state file yet. It is made by cutover-watch run; check state.path if one is running.`,
      '',
      'Cut over m1. All read within the last 30 s.',
      '',
    ].join('\n'),
  );
  expect(existsSync(join(folder, 'state.db'))).toBe(false);
});

test('check shows trend, estimate and time left from the record of a watcher, and writes nothing', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 630 });
  atlas.say(1, { status: 'WORKING', readyForCutover: true });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl, 2));
  const store = openStore(join(folder, 'state.db'));
  const now = Date.now();
  const m0 = { groupId, liveMigrationId: migrationId(0), state: initialState(now) };
  const samples = [20, 5, 4, 3, 2, 1].map((minutes) => ({
    ...m0,
    observedAt: now - minutes * 60_000,
    lagTimeSeconds: 630 + minutes * 60,
  }));
  const since = now - 20.5 * 3_600_000;
  const readiness = { since, sinceKnown: true };
  const m1 = {
    ...m0,
    liveMigrationId: migrationId(1),
    state: { ...m0.state, known: { readyForCutover: true }, readiness },
  };
  await store.commit(batchOf({ states: [m0, m1], samples }));
  const written = await runToEnd(['check', '-c', file]);
  expect(written).toMatchObject({ code: 0, stderr: '' });
  expect(written.stdout).toMatch(
    /^★ {2}m1 .* {2}about 4 d 3 h \([^)]+\) .*\n◔ {2}m0 .* {2}ready in ~1\d min \(\d+–\d+\) .* falling \d+ s\/min .*\n\nCut over m1 within 4 d 3 h\. All read within the last 30 s\.\n$/m,
  );
  expect(written.stdout).not.toContain('No trend');
  const { stdout } = await runToEnd(['check', '-c', file, '--json']);
  const { migrations } = JSON.parse(stdout) as { migrations: readonly { lagTrendPerMinute: number }[] };
  expect(migrations).toMatchObject([
    {
      name: 'm1',
      readySince: new Date(since).toISOString(),
      deadline: new Date(since + 120 * 3_600_000).toISOString(),
      deadlineEstimated: true,
      readySinceKnown: true,
      remainingSeconds: expect.any(Number),
    },
    { name: 'm0', readyInSecondsRange: [expect.any(Number), expect.any(Number)] },
  ]);
  expect(migrations[1]?.lagTrendPerMinute).toBeCloseTo(-60, -1);
  expect(await store.samples(m0, 0)).toHaveLength(6);
  await store.close();
});

test('check exits 1 when some could not be read, and says which and what to do', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING' });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl, 2));
  const table = await runToEnd(['check', '-c', file]);
  expect(table.code).toBe(1);
  expect(table.stdout).toMatch(/^\? {2}m1 +Unknown /m);
  expect(table.stderr).toMatch(
    /^\nm1 couldn't be read: HTTP 404: .* Check the project \(group\) id and the live migration id/,
  );
  const json = await runToEnd(['check', '-c', file, '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    migrations: [
      { name: 'm1', liveMigrationId: migrationId(1), error: { errorType: 'not_found', httpStatus: 404 } },
      { name: 'm0', status: 'WORKING' },
    ],
  });
});

test('check with a refused key shows every migration, also those that were not polled, and the fault once', async () => {
  const atlas = await startAtlas();
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl, 20));
  const env = keyInEnvironment({ publicKey: 'abcdefgh', privateKey: 'not-the-key-at-all' });
  const { code, stdout, stderr } = await runToEnd(['check', '-c', file], env);
  expect(code).toBe(77);
  expect(stdout.match(/^\? {2}m\d+ +Unknown /gm)).toHaveLength(20);
  expect(stdout).toMatch(/\nAtlas refuses the API key: none of 20 migrations could be read\.\n$/);
  expect(stderr).toMatch(
    /^\nNone of 20 migrations could be read: HTTP 401: .*\nAtlas was asked with the public key .*\n$/,
  );
});

test('check and run --once exit 69 when Atlas cannot be reached', async () => {
  const file = writeConfig(temporaryFolder(), configFor('http://127.0.0.1:1'));
  const check = await runToEnd(['check', '-c', file]);
  expect(check.code).toBe(69);
  expect(check.stderr).toMatch(/nothing accepts connections at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
  expect((await runToEnd(['run', '--once', '-c', file])).code).toBe(69);
});

test('run --once exits 0 after one round, and pretty output has no colour when it is not a terminal', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  const config = { ...configFor(atlas.simulator.baseUrl), log: { format: 'pretty' } };
  const { code, stdout } = await runToEnd(['run', '--once', '-c', writeConfig(temporaryFolder(), config)]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[A-Z][a-z]{2} \d\d:\d\d:\d\d ★ m0 {2}is ready for cutover\. Cut over within /m);
  expect(stdout).not.toContain('\u001b');
});

test('log.format ecs writes the names of the Elastic Common Schema', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const config = { ...configFor(atlas.simulator.baseUrl), log: { format: 'ecs' } };
  const { stdout } = await runToEnd(['run', '--once', '-c', writeConfig(temporaryFolder(), config)]);
  const seen = stdout.split('\n').find((line) => line.includes('migration.first_seen')) ?? '';
  expect(JSON.parse(seen)).toMatchObject({
    'log.level': 'info',
    'service.name': 'cutover-watch',
    'event.action': 'migration.first_seen',
    message: expect.stringContaining('m0 is watched'),
    cutover_watch: { migration: 'm0', status: 'NEW' },
  });
});

test('every problem of the configuration and the credentials is listed at once, with exit code 78', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'bad.yaml');
  writeFileSync(
    file,
    'atlas: { reqestTimeout: 5s }\nschedule: { default: often }\nmigrations: [ { groupId: x } ]\n',
  );
  const { code, stdout, stderr } = await runToEnd(['run', '-c', file]);
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
  const problems = stderr.trimEnd().split('\n');
  expect(problems).toHaveLength(4);
  for (const problem of problems) expect(problem.startsWith(`${file}: `)).toBe(true);
  expect(stderr).toContain('Did you mean requestTimeout?');

  const valid = writeConfig(folder, configFor('http://127.0.0.1:1'));
  const unsigned = await runToEnd(['validate', '-c', valid], {});
  expect(unsigned.code).toBe(78);
  expect(unsigned.stderr).toContain('MONGODB_ATLAS_PUBLIC_API_KEY');
  expect(unsigned.stderr).toContain('MONGODB_ATLAS_PRIVATE_API_KEY');
});

test('validate prints a configuration that can be used as it is', async () => {
  const folder = temporaryFolder();
  const env = {
    ...keyInEnvironment(),
    CUTOVER_WATCH_CONFIG: writeConfig(folder, configFor('http://127.0.0.1:1')),
  };
  const { code, stdout, stderr } = await runToEnd(['validate'], env);
  expect(code).toBe(0);
  expect(stdout).toContain('requestTimeout: 20s');
  expect(stderr).toContain('is valid: 1 migration.');
});

test('history says plainly when there is nothing to read', async () => {
  const folder = temporaryFolder();
  const { code, stderr } = await runToEnd(
    ['history', '-c', writeConfig(folder, configFor('http://127.0.0.1:1'))],
    {},
  );
  expect(code).toBe(73);
  expect(stderr).toContain(`${folder}/state.db: there is no state file yet.`);
});

test.each(['config', 'events'])('schema %s prints a JSON Schema', async (name) => {
  const { code, stdout } = await runToEnd(['schema', name]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
});

test('help and version exit 0', async () => {
  expect(await runToEnd(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  expect((await runToEnd(['--help'])).code).toBe(0);
});

test.each([
  [['chekc'], "unknown command 'chekc'"],
  [['help', 'chekc'], "unknown command 'chekc'"],
  [['wait', '--onec'], "unknown option '--onec'\n(cutover-watch wait --help lists arguments and options)"],
  [['schema', 'nothing'], 'Allowed choices are config, migrations, events'],
  [['demo', '--speed', '9'], 'Give a number from 0.1 to 2.'],
])('a mistyped command line exits 64 and says what is wrong: %j', async (args, sentence) => {
  const { code, stdout, stderr } = await runToEnd(args);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toContain(sentence);
});

test('the key may come from files, with the last line break dropped', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'NEW' });
  const folder = temporaryFolder();
  const file = join(folder, 'key');
  writeFileSync(file, `${apiKey.privateKey}\n`, { mode: 0o600 });
  const env = { MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY_FILE: file };
  const config = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  expect(await runToEnd(['check', '-c', config], env)).toMatchObject({ code: 0, stderr: '' });
});

const oldNode = '/usr/bin/node';
const oldVersion = existsSync(oldNode)
  ? execFileSync(oldNode, ['--version'], { encoding: 'utf8' })
  : undefined;

test.skipIf(oldVersion === undefined || Number.parseInt(oldVersion.slice(1), 10) >= 24)(
  'an older Node.js gets one sentence and exit code 70 (skipped where no older Node.js is installed)',
  () => {
    const main = new URL('../../dist/main.js', import.meta.url).pathname;
    const run = () => execFileSync(oldNode, [main, '--help'], { encoding: 'utf8', stdio: 'pipe' });
    expect(run).toThrow(
      expect.objectContaining({
        status: 70,
        stderr: expect.stringMatching(/^cutover-watch needs Node\.js 24 .*\n$/),
      }),
    );
  },
);

test.each([
  ['0.0.0.0:9464', true],
  ['[::]:9464', true],
  ['127.0.0.1:9464', false],
  ['localhost:9464', false],
  ['[::1]:9464', false],
])('validate says who can reach the server at %s', async (listen, isOpen) => {
  const file = writeConfig(temporaryFolder(), { ...configFor('http://127.0.0.1:9'), http: { listen } });
  const { code, stderr } = await runToEnd(['validate', '-c', file]);
  expect(code).toBe(0);
  expect(stderr.includes('everybody who reaches this machine')).toBe(isOpen);
});
