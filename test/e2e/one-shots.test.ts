import { expect, test } from 'vitest';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

const named = (n: number) => ['--migration', `m${n}=${groupId}/${migrationId(n)}`];

test('check asks for named migrations, and reads neither a configuration nor a record', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 });
  atlas.say(1, { status: 'NEW' });
  const env = { ...keyInEnvironment(), CUTOVER_WATCH_CONFIG: '/nonexistent.yaml' };
  const args = ['check', ...named(0), ...named(1), '--base-url', atlas.simulator.baseUrl];
  const [json, table] = await Promise.all([runToEnd([...args, '--json'], env), runToEnd(args, env)]);
  expect(json).toMatchObject({ code: 0, stderr: '' });
  const { migrations } = JSON.parse(json.stdout) as { migrations: readonly object[] };
  expect(migrations).toMatchObject([
    { name: 'm0', readyForCutover: true, lagTimeSeconds: 4 },
    { name: 'm1' },
  ]);
  expect(table).toMatchObject({ code: 0, stderr: '' });
  expect(table.stdout).not.toContain('record');
});

const outcome = ({ code, stdout }: { code: number | null; stdout: string }) => ({
  code,
  ...(JSON.parse(stdout) as object),
});

test('wait --json says why it ended, in each case', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 });
  atlas.say(1, { status: 'FAILED' });
  const wait = (...args: readonly string[]) =>
    runToEnd(['wait', '--json', '--base-url', atlas.simulator.baseUrl, ...args]);
  const [ready, failed, ended, late] = await Promise.all([
    wait(...named(0)),
    wait(...named(0), ...named(1)),
    wait(...named(0), ...named(1), '--for', 'settled', 'm1'),
    wait(...named(0), '--for', 'complete', '--timeout', '1s'),
  ]);
  expect(outcome(ready)).toMatchObject({
    code: 0,
    reason: 'reached',
    migrations: [{ name: 'm0', reached: true }],
  });
  expect(outcome(failed)).toMatchObject({ code: 1, reason: 'settled_otherwise' });
  expect(outcome(ended)).toMatchObject({
    code: 0,
    reason: 'reached',
    for: 'settled',
    migrations: [{ name: 'm1', settlement: 'FAILED' }],
  });
  expect(outcome(late)).toMatchObject({ code: 1, reason: 'timed_out', elapsedSeconds: 1 });
});

test('wait --max-lag waits until two polls in a row show a low lag', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 11 });
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl));
  const program = start(['wait', '-c', file, '--max-lag', '10s']);
  await expect.poll(() => program.stderr).toContain('m0 is ready for cutover');
  const before = atlas.simulator.requests.length;
  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 10 });
  expect((await program.ended).code).toBe(0);
  expect(atlas.simulator.requests.length - before).toBeGreaterThanOrEqual(2);
  expect(program.stdout).toMatch(/^m0 is ready for cutover\. Cut over within /);
});

test.each([
  {
    rule: 'an option for migrations without one',
    args: ['--base-url', 'https://x.example'],
    says: /^--api-version and --base-url belong to --migration/,
  },
  {
    rule: 'both a file and a migration',
    args: ['-c', 'x.yaml', ...named(0)],
    says: /'--migration .*' cannot be used with option '-c, --config <file>'/,
  },
  {
    rule: 'two migrations of one name, and an address without TLS',
    args: [...named(0), '--migration', `m0=${groupId}/${migrationId(1)}`, '--base-url', 'http://x.example'],
    says: /: --base-url does not begin with https.*\n.*--migration number 2 has the same name as --migration number 1/,
  },
  { rule: 'no id', args: ['--migration', 'orders'], says: /^--migration number 1: This contains no ids\./ },
])('$rule is refused with 64, naming the option', async ({ args, says }) => {
  const { code, stdout, stderr } = await runToEnd(['check', ...args]);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(says);
});

test('named migrations without credentials are refused with 78, naming variables only', async () => {
  const { code, stderr } = await runToEnd(['wait', ...named(0)], {});
  expect(code).toBe(78);
  expect(stderr).toContain('MONGODB_ATLAS_PRIVATE_API_KEY');
  expect(stderr).not.toContain('atlas.auth');
});

test('named migrations are read with a service account, where the environment has one', async () => {
  const serviceAccount = { clientId: 'mdb_sa_id_0123456789', clientSecret: 'mdb_sa_sk_s3cr3t-s3cr3t' };
  const atlas = await startAtlas({ serviceAccount });
  atlas.say(0, { status: 'WORKING' });
  const args = ['check', ...named(0), '--base-url', atlas.simulator.baseUrl];
  const env = {
    MONGODB_ATLAS_CLIENT_ID: serviceAccount.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: serviceAccount.clientSecret,
  };
  expect(await runToEnd([...args, '--api-version', 'v2'], env)).toMatchObject({ code: 0 });
  expect(atlas.simulator.requests.map(({ path }) => path)).toContainEqual(
    expect.stringContaining(`/v2/groups/${groupId}/`),
  );
});
