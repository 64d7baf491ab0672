import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { apiKey, keyInEnvironment, runToEnd, start, temporaryFolder } from './program.ts';

const noKey = { HOME: '/nonexistent' };
const first = `${groupId}/${migrationId(0)}`;
const second = `${groupId}/${migrationId(1)}`;

function migrationOptions(...migrations: readonly string[]): string[] {
  return migrations.flatMap((migration) => ['--migration', migration]);
}

/** A folder with the private key in a file, and the options that sign in with it. */
function withKeyFile(privateKey: string = apiKey.privateKey) {
  const folder = temporaryFolder();
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, `${privateKey}\n`, { mode: 0o600 });
  const file = join(folder, 'new', 'watch.yaml');
  return {
    folder,
    file,
    options: ['init', '-c', file, '--public-key', apiKey.publicKey, '--private-key-file', keyFile],
  };
}

async function atlasWithOne() {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 75 });
  return atlas.simulator;
}

test('options that work are written, and what they wrote can be run as it is', async () => {
  const { baseUrl } = await atlasWithOne();
  const { file, options } = withKeyFile();
  const { code, stdout, stderr } = await runToEnd(
    [...options, '--base-url', baseUrl, '--migration', `orders=${first}`, '--state', ':memory:'],
    noKey,
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toBe(
    [
      'orders: WORKING, not ready for cutover, 1 min 15 s behind.',
      `Wrote ${file}.`,
      `Next, watch until Ctrl-C: cutover-watch run -c ${file}`,
      '',
    ].join('\n'),
  );
  expect(readFileSync(file, 'utf8')).not.toContain(apiKey.privateKey);
  const check = await runToEnd(['check', '-c', file], noKey);
  expect(check).toMatchObject({ code: 0, stderr: '' });
  expect(check.stdout).toMatch(/^◕ {2}orders {2}Nearly ready .* WORKING/m);
});

test('a service account is chosen by its options, and an address of the API is as good as ids', async () => {
  const serviceAccount = { clientId: 'mdb_sa_id_1', clientSecret: 'mdb_sa_sk_not-a-real-one' };
  const atlas = await startAtlas({ serviceAccount });
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  const { folder, file } = withKeyFile();
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, serviceAccount.clientSecret, { mode: 0o600 });
  const address = `${atlas.simulator.baseUrl}/api/atlas/v2/groups/${groupId}/liveMigrations/${migrationId(0)}`;
  const { code, stderr } = await runToEnd(
    [
      'init',
      '-c',
      file,
      '--client-id',
      serviceAccount.clientId,
      '--client-secret-file',
      secretFile,
      '--base-url',
      atlas.simulator.baseUrl,
      '--migration',
      address,
    ],
    noKey,
  );
  expect(code).toBe(0);
  expect(stderr).toContain(`${migrationId(0)}: WORKING, ready for cutover.`);
  expect(await runToEnd(['check', '-c', file], noKey)).toMatchObject({ code: 0 });
});

test('a wrong key writes nothing, exits 77 and is reported once, with the remedy', async () => {
  const { baseUrl } = await atlasWithOne();
  const wrong = 'fedcba98-76ab-4cde-8f01-23456789abcd';
  const { folder, options } = withKeyFile(wrong);
  const { code, stdout, stderr } = await runToEnd(
    [...options, '--base-url', baseUrl, ...migrationOptions(`a=${first}`, `b=${second}`)],
    noKey,
  );
  expect({ code, stdout }).toEqual({ code: 77, stdout: '' });
  expect(stderr).toMatch(
    /^None of 2 migrations could be read: HTTP 401: .* Check the public and private key, .*\nFix this .* --no-verify\.\nNothing was written\.\n$/,
  );
  expect(stderr).not.toContain(wrong);
  expect(readdirSync(folder)).toEqual(['key']);
});

test('an unknown id writes nothing and exits 1, with a sentence for each migration', async () => {
  const { baseUrl } = await atlasWithOne();
  const { file, options } = withKeyFile();
  const { code, stderr } = await runToEnd(
    [...options, '--base-url', baseUrl, ...migrationOptions(`a=${first}`, `b=${second}`)],
    noKey,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^a: WORKING, .*\nb couldn't be read: HTTP 404: .*An organization id .* Only push migrations, .* has no API\. For mongosync, see mongosync-insights\.\n/,
  );
  expect(existsSync(file)).toBe(false);
});

test('where nothing listens it exits 69 and writes nothing, but with --no-verify it does not ask', async () => {
  const { file, options } = withKeyFile();
  const all = [...options, '--base-url', 'http://127.0.0.1:1', '--migration', first];
  const { code, stderr } = await runToEnd(all, noKey);
  expect(code).toBe(69);
  expect(stderr).toContain('ECONNREFUSED');
  expect(existsSync(file)).toBe(false);
  expect(await runToEnd([...all, '--no-verify'], { HOME: '/nonexistent' })).toMatchObject({ code: 0 });
  expect(existsSync(file)).toBe(true);
});

test('off a terminal all that is missing or wrong is reported at once, with exit code 64', async () => {
  const taken = join(temporaryFolder(), 'taken.yaml');
  writeFileSync(taken, 'mine');
  const nothing = await runToEnd(['init', '-c', taken], noKey);
  expect(nothing).toMatchObject({ code: 64, stdout: '' });
  for (const word of ['already exists', '--migration', 'public key', 'private key', '--private-key-file'])
    expect(nothing.stderr).toContain(word);
  const wrong = await runToEnd(
    [
      'init',
      '-c',
      taken,
      '--public-key',
      'a',
      '--client-id',
      'b',
      '--listen',
      'nowhere',
      ...migrationOptions('secret-looking-thing', groupId, `a=${first}`, `a=${second}`),
    ],
    noKey,
  );
  expect(wrong).toMatchObject({ code: 64, stdout: '' });
  for (const word of [
    'number 1',
    'number 2 has only one id',
    'Keep one kind',
    'the same name',
    'http.listen',
  ])
    expect(wrong.stderr).toContain(word);
  expect(wrong.stderr).not.toContain('secret-looking-thing');
  expect(readFileSync(taken, 'utf8')).toBe('mine');
});

test.each(['environment', 'credentials of systemd'] as const)(
  'with both parts of the key in the %s neither is written, so that the same environment finds the file valid',
  async (place) => {
    const { baseUrl } = await atlasWithOne();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'atlas-public-key'), `${apiKey.publicKey}\n`);
    writeFileSync(join(folder, 'atlas-private-key'), `${apiKey.privateKey}\n`, { mode: 0o600 });
    const env = place === 'environment' ? keyInEnvironment() : { CREDENTIALS_DIRECTORY: folder };
    const file = join(folder, 'cutover-watch.yaml');
    const options = ['-c', file, '--base-url', baseUrl, '--migration', `orders=${first}`];
    expect(await runToEnd(['init', ...options], { ...noKey, ...env })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).not.toMatch(/^ *(publicKey|privateKeyFile):/m);
    expect(await runToEnd(['validate', '-c', file], { ...noKey, ...env })).toMatchObject({ code: 0 });
  },
);

test('--print writes to standard output alone, what --help shows as an example', async () => {
  const { stdout: help } = await runToEnd(['init', '--help'], noKey);
  const example = /\$ cutover-watch (init .*)$/m.exec(help)?.[1] ?? '';
  const { code, stdout, stderr } = await runToEnd(example.split(' '), noKey);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const file = join(temporaryFolder(), 'watch.yaml');
  writeFileSync(file, stdout);
  expect(await runToEnd(['validate', '-c', file], { ...keyInEnvironment() })).toMatchObject({ code: 0 });
});

test('--force replaces the file behind a symbolic link, which keeps its mode', async () => {
  const folder = temporaryFolder();
  const real = join(folder, 'real.yaml');
  const link = join(folder, 'link.yaml');
  writeFileSync(real, 'old', { mode: 0o640 });
  symlinkSync(real, link);
  const all = ['init', '-c', link, '--no-verify', '--migration', first];
  expect((await runToEnd(all, noKey)).code).toBe(64);
  expect(await runToEnd([...all, '--force'], noKey)).toMatchObject({ code: 0 });
  expect(readFileSync(real, 'utf8')).toContain(migrationId(0));
  expect(statSync(real).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).toSorted()).toEqual(['link.yaml', 'real.yaml']);
});

test('a place that cannot be written to is named, with exit code 73', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const file = join(folder, 'file', 'watch.yaml');
  const { code, stderr } = await runToEnd(['init', '-c', file, '--no-verify', '--migration', first], noKey);
  expect(code).toBe(73);
  expect(stderr).toContain(`${file} cannot be written: a part of its path is a file`);
});

test('a secret in the wrong place is neither written nor shown', async () => {
  const { file, options } = withKeyFile();
  const key = apiKey.privateKey;
  const attempts = [
    [...options, '--migration', `${key}=${first}`],
    ['init', '-c', file, '--public-key', key, '--migration', first],
    ['init', '-c', file, '--private-key-file', key, '--migration', first],
    [...options, '--migration', key],
  ];
  for (const attempt of attempts) {
    const { code, stdout, stderr } = await runToEnd([...attempt, '--no-verify'], noKey);
    expect(code).toBe(64);
    expect(stdout + stderr).not.toContain(key);
    expect(existsSync(file)).toBe(false);
  }
});

test('hostile names come back from the file as they were', async () => {
  const names = ['a: b', '# no comment', '${HOME}', 'it\'s "quoted"', '- x', 'null', '移行 💾', '{a: 1}'];
  const { file, options } = withKeyFile();
  const migrations = migrationOptions(...names.map((name, n) => `${name}=${groupId}/${migrationId(n)}`));
  expect(await runToEnd([...options, ...migrations, '--no-verify'], noKey)).toMatchObject({ code: 0 });
  const readText = () => Promise.resolve(readFileSync(file, 'utf8'));
  const loaded = await loadConfig({ file, env: noKey, readFile: readText });
  expect(loaded.ok && loaded.config.migrations.map(({ name }) => name)).toEqual(names);
  const red = await runToEnd([...options, '--migration', `\u001b[31mred=${first}`, '--force'], noKey);
  expect(red.code).toBe(64);
  expect(red.stderr).not.toContain('\u001b');
});

test('a signal while Atlas is asked ends it with nothing written, and the key may come from the environment', async () => {
  const { simulator } = await startAtlas({ replyDelayMs: 60_000 });
  const folder = temporaryFolder();
  const args = ['init', '-c', join(folder, 'watch.yaml'), '--base-url', simulator.baseUrl];
  const program = start([...args, ...migrationOptions(first)], { ...noKey, ...keyInEnvironment() });
  await expect.poll(() => simulator.counts.total).toBeGreaterThan(0);
  expect(await program.end('SIGTERM')).toMatchObject({ code: 1, signal: null });
  expect(program.stderr).toBe('Nothing was written.\n');
  expect(readdirSync(folder)).toEqual([]);
});
