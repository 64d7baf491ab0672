import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { apiKey, temporaryFolder } from './program.ts';

const main = new URL('../../dist/main.js', import.meta.url).pathname;
const hasScript = spawnSync('script', ['--version']).status === 0;
const ctrlC = '\u0003';
const ctrlD = '\u0004';

/** The program on a terminal of its own, with somebody who types. */
function startOnTerminal(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const command = ['exec', process.execPath, main, 'init', ...args].join(' ');
  const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  let seen = 0;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    // Without the cursor's movements, as the person reads it.
    shown += stripVTControlCharacters(text).replaceAll('\r', '');
  });
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  return {
    ended,
    get shown() {
      return shown;
    },
    /** Waits for the question, which must be new, and answers it. */
    async answer(question: string, answer: string, end = '\r') {
      await expect.poll(() => shown.slice(seen)).toContain(question);
      seen = shown.indexOf(question, seen) + question.length;
      child.stdin?.write(answer + end);
    },
  };
}

/** The migration number 0 works; `args` ask this Atlas and write into a folder of the test. */
async function atlasAndFolder() {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 75 });
  const folder = temporaryFolder();
  return { folder, args: ['--base-url', atlas.simulator.baseUrl] };
}

async function load(file: string, home: string) {
  const result = await loadConfig({
    file,
    env: { HOME: home },
    readFile: () => Promise.resolve(readFileSync(file, 'utf8')),
  });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

const first = `${groupId}/${migrationId(0)}`;

test.skipIf(!hasScript)(
  'a first contact by questions: the typed key is not shown, and lands in a file of its own (skipped without script of util-linux)',
  async () => {
    const { folder, args } = await atlasAndFolder();
    const person = startOnTerminal(folder, args);
    await person.answer('? File to write (config/cutover-watch.yaml)', '');
    await person.answer('? Sign in with', '');
    await person.answer('? Public key', apiKey.publicKey);
    await person.answer(
      '? Private key (not shown, or Enter for other ways) [input is masked]',
      apiKey.privateKey,
    );
    await person.answer('keep the private key in (', '');
    await person.answer('? First migration', `https://cloud.mongodb.com/v2#/org/${groupId}/projects`);
    await person.answer('address of an organization', '', '');
    await person.answer('? First migration', `https://cloud.mongodb.com/v2/${groupId}#/clusters`);
    await person.answer('? Its live migration id', migrationId(0));
    await person.answer(`? Display name (${migrationId(0)})`, 'orders');
    await person.answer('? Labels', 'team=payments, tier=a=b');
    await person.answer('? Next migration, or Enter to finish', first);
    await person.answer('? Display name', '');
    await person.answer('? Labels', '');
    await person.answer('is the same migration as migrations[0]', '', '');
    await person.answer('? Next migration, or Enter to finish', '');
    await person.answer('? Notify of events', '');
    await person.answer('? Address to ping while all is well', '');
    expect(await person.ended).toBe(0);
    expect(person.shown).toContain('orders: WORKING, not ready for cutover, 1 min 15 s behind.');
    expect(person.shown).toContain('cutover-watch run -c config/cutover-watch.yaml');
    expect(person.shown).not.toContain(apiKey.privateKey);

    const keyFile = join(folder, '.config/cutover-watch/atlas-private-key');
    expect(readFileSync(keyFile, 'utf8')).toBe(`${apiKey.privateKey}\n`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const file = join(folder, 'config/cutover-watch.yaml');
    expect(readFileSync(file, 'utf8')).not.toContain(apiKey.privateKey);
    expect(await load(file, folder)).toMatchObject({
      atlas: { auth: { type: 'apiKey', publicKey: apiKey.publicKey, privateKeyFile: keyFile } },
      migrations: [
        {
          name: 'orders',
          groupId,
          liveMigrationId: migrationId(0),
          labels: { team: 'payments', tier: 'a=b' },
        },
      ],
    });
  },
);

test.skipIf(!hasScript)(
  'what Atlas refuses can be corrected: first the key, then the ids (skipped without script of util-linux)',
  async () => {
    const { folder, args } = await atlasAndFolder();
    writeFileSync(join(folder, 'key'), apiKey.privateKey, { mode: 0o600 });
    const env = { MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey };
    const file = join(folder, 'watch.yaml');
    writeFileSync(file, 'former');
    const migrations = ['--migration', `a=${first}`, '--migration', `b=${groupId}/${migrationId(9)}`];
    const person = startOnTerminal(folder, ['-c', 'watch.yaml', ...args, ...migrations], env);
    await person.answer('watch.yaml already exists. Replace it? (y/N)', 'y');
    await person.answer('? Sign in with', '');
    await person.answer('The public key comes from $MONGODB_ATLAS_PUBLIC_API_KEY.', '', '');
    await person.answer(
      '? Private key (not shown, or Enter for other ways) [input is masked]',
      'not-the-key-at-all',
    );
    await person.answer('File to keep the private key in', 'key');
    await person.answer('key already exists. Replace it? (y/N)', 'y');
    // What lies there would be taken, but is not what will be there.
    await person.answer('None of 2 migrations could be read: HTTP 401', '', '');
    await person.answer('? What now?', '');
    await person.answer('Enter other credentials? (Y/n)', '');
    await person.answer('? Sign in with', 'key');
    await person.answer('? Private key (not shown, or Enter for other ways) [input is masked]', '');
    await person.answer('? The private key comes from', 'file');
    await person.answer('? File that contains the private key', 'nowhere');
    await person.answer('does not exist', '', '');
    await person.answer('Use it anyway? (y/N)', '');
    await person.answer('? Sign in with', '');
    await person.answer('? Private key (not shown, or Enter for other ways) [input is masked]', '');
    await person.answer('? The private key comes from', 'file');
    await person.answer('? File that contains the private key', '~/key');
    await person.answer("b couldn't be read: HTTP 404", '', '');
    await person.answer('? What now?', 'c');
    await person.answer('Enter other credentials? (y/N)', '');
    await person.answer(`? Ids of b (${groupId}/${migrationId(9)})`, `${groupId}/${migrationId(8)}`);
    await person.answer("b couldn't be read: HTTP 404", '', '');
    await person.answer('? What now?', 'keep');
    await person.answer('? Notify of events', '');
    await person.answer('? Address to ping while all is well', '');
    expect(await person.ended).toBe(1);
    const config = await load(file, folder);
    expect(config.migrations.map(({ liveMigrationId }) => liveMigrationId)).toEqual([
      migrationId(0),
      migrationId(8),
    ]);
    expect(config.atlas.auth).toMatchObject({ privateKeyFile: join(folder, 'key') });
    // The key that was given up is nowhere.
    expect(readdirSync(folder).toSorted()).toEqual(['key', 'watch.yaml']);
    expect(readFileSync(join(folder, 'key'), 'utf8')).toBe(apiKey.privateKey);
    expect(person.shown).not.toContain('not-the-key-at-all');
  },
);

test.skipIf(!hasScript)(
  'Ctrl-C leaves everything as it was, in a question and while Atlas is asked (skipped without script of util-linux)',
  async () => {
    const folder = temporaryFolder();
    for (const key of [ctrlC, ctrlD]) {
      const inQuestion = startOnTerminal(folder, []);
      await inQuestion.answer('File to write', '');
      await inQuestion.answer('? Sign in with', key, '');
      expect(await inQuestion.ended).toBe(1);
      expect(inQuestion.shown).toMatch(/\nNothing was written\.\n$/);
    }

    const { simulator } = await startAtlas({ replyDelayMs: 60_000 });
    const env = {
      MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey,
      MONGODB_ATLAS_PRIVATE_API_KEY: apiKey.privateKey,
    };
    const args = ['-c', 'watch.yaml', '--base-url', simulator.baseUrl, '--migration', `a=${first}`];
    const whileAsking = startOnTerminal(folder, args, env);
    await whileAsking.answer('? Sign in with', '');
    await whileAsking.answer('Reading 1 migration from Atlas ...', '', '');
    await expect.poll(() => simulator.counts.total).toBeGreaterThan(0);
    await whileAsking.answer('', ctrlC, '');
    expect(await whileAsking.ended).toBe(1);
    expect(whileAsking.shown).toMatch(/\nNothing was written\.\n$/);
    expect(existsSync(join(folder, '.config'))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  },
);
