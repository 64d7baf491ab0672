import { describe, expect, it, test } from 'vitest';
import { secretsOfDatabase, shownDatabase } from '../../src/config/database-address.ts';
import type { Environment } from '../../src/config/interpolate.ts';
import { loadConfig } from '../../src/config/load.ts';
import { describeConfig, listConfig } from '../../src/config/print-config.ts';
import { loadStateSettings } from '../../src/config/state-settings.ts';
import { Redactor } from '../../src/events/redactor.ts';

const migrations = ['5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d0'];
const url = 'postgresql://watch:hush%2Fhush@db.example.com/watch';

type Files = Readonly<Record<string, { readonly text: string; readonly mode?: number }>>;

async function configOf(state: object) {
  const text = JSON.stringify({ migrations, state });
  return loadConfig({ file: 'w.yaml', env: { HOME: '/h' }, readFile: () => Promise.resolve(text) });
}

async function load(state: object, files: Files = {}, env: Environment = { HOME: '/h' }) {
  const loaded = await configOf(state);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const open = (path: string) => {
    const file = files[path];
    if (file === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    return { text: file.text, mode: 0o100_000 | (file.mode ?? 0o400) };
  };
  return loadStateSettings(loaded.config, {
    env,
    readFile: async (path) => open(path).text,
    stat: async (path) => open(path),
  });
}

async function problemsOf(...given: Parameters<typeof load>): Promise<readonly string[]> {
  const result = await load(...given);
  return result.ok ? [] : result.problems;
}

describe('the place of the state', () => {
  it.each([
    [{ STATE_DIRECTORY: '/var/lib/a:/var/lib/b', XDG_STATE_HOME: '/x', HOME: '/h' }, '/var/lib/a/state.db'],
    [{ STATE_DIRECTORY: '', XDG_STATE_HOME: '/x', HOME: '/h' }, '/x/cutover-watch/state.db'],
    [{ XDG_STATE_HOME: 'relative', HOME: '/h' }, '/h/.local/state/cutover-watch/state.db'],
  ])('is a file by the environment %j', async (env, path) => {
    expect(await load({}, {}, env)).toMatchObject({ ok: true, state: { kind: 'file', path } });
  });

  it('is asked for where the environment gives none', async () => {
    expect(await problemsOf({}, {}, {})).toEqual([
      'state.path is missing and has no default here, because none of STATE_DIRECTORY, XDG_STATE_HOME and HOME is set; write the path of a file.',
    ]);
    expect(await load({ path: ':memory:' }, {}, {})).toMatchObject({ state: { path: ':memory:' } });
  });

  it.each<[string, object, Files, Environment, string]>([
    ['a key', { urlFile: '/url' }, { '/url': { text: `${url}\n` } }, {}, 'state.urlFile'],
    ['a variable', {}, {}, { CUTOVER_WATCH_STATE_URL: url }, '$CUTOVER_WATCH_STATE_URL'],
    [
      'a variable that names a file',
      {},
      { '/url': { text: url } },
      { CUTOVER_WATCH_STATE_URL_FILE: '/url' },
      '$CUTOVER_WATCH_STATE_URL_FILE',
    ],
    [
      'a credential of systemd',
      {},
      { '/creds/state-url': { text: `${url}\n` } },
      { CREDENTIALS_DIRECTORY: '/creds', STATE_DIRECTORY: '/var/lib/watch' },
      '$CREDENTIALS_DIRECTORY/state-url',
    ],
  ])('is a database by %s', async (_how, state, files, env, source) => {
    expect(await load(state, files, env)).toEqual({
      ok: true,
      state: { kind: 'database', url, leaseMs: 30_000 },
      source,
      warnings: [],
    });
  });

  it('has a lease of its own', async () => {
    const result = await load({ lease: '5s' }, {}, { CUTOVER_WATCH_STATE_URL: url });
    expect(result).toMatchObject({ state: { leaseMs: 5_000 } });
    expect(await configOf({ lease: '4s' })).toMatchObject({
      problems: ['w.yaml: state.lease is "4s"; write a duration from 5s to 10m.'],
    });
  });

  it('is one: a second source is refused, and a file beside a database, all at once', async () => {
    expect(
      await problemsOf(
        { path: '/state.db' },
        {},
        { CUTOVER_WATCH_STATE_URL: url, CUTOVER_WATCH_STATE_URL_FILE: '/x' },
      ),
    ).toEqual([
      'the address of the state database is given more than once, by $CUTOVER_WATCH_STATE_URL_FILE and $CUTOVER_WATCH_STATE_URL. Keep one of them.',
      'state.path names a file, and another source a database; the state is kept in one of them, so remove the other.',
    ]);
    expect(await problemsOf({ path: '/state.db' }, {}, { CUTOVER_WATCH_STATE_URL: url })).toEqual([
      'state.path names a file, and $CUTOVER_WATCH_STATE_URL a database; the state is kept in one of them, so remove the other.',
    ]);
    expect(await configOf({ path: '/state.db', urlFile: '/url' })).toMatchObject({
      problems: [
        'w.yaml: state.urlFile names a database, and state.path a file; the state is kept in one of them, so remove the other.',
      ],
    });
  });

  it('warns of a file that others can read', async () => {
    const files = { '/url': { text: url, mode: 0o444 } };
    expect(await load({ urlFile: '/url' }, files)).toMatchObject({
      warnings: [
        'the file of the address of the state database, state.urlFile (/url), is open to every user of this machine. Close it with chmod o-rwx /url',
      ],
    });
  });

  it('says which file is missing, and shows no address in place of a path', async () => {
    expect(await problemsOf({ urlFile: '/url' })).toEqual([
      'the file of the address of the state database, state.urlFile (/url), does not exist. Create it, or name another.',
    ]);
    const [problem] = await problemsOf({}, {}, { CUTOVER_WATCH_STATE_URL_FILE: url });
    expect(problem).toContain('$CUTOVER_WATCH_STATE_URL_FILE (not shown, as it may be the secret itself)');
  });

  it.each([
    [{ path: url }, 'state.path is the address of a database, a secret, and not the path of a file'],
    [{ urlFile: url }, 'state.urlFile is the address itself, a secret, and not the path of its file'],
    [{ url }, 'state.url must not be in the configuration file'],
    [{ [url]: 'x' }, 'state holds a key that looks like a secret'],
    [{ lease: url }, 'state.lease is a text that is not shown here'],
  ])('is never shown where the configuration has the address itself: %#', async (state, words) => {
    const result = await configOf(state);
    const problems = result.ok ? '' : result.problems.join('\n');
    expect(problems).toContain(words);
    expect(problems).not.toMatch(/hush|db\.example/);
  });
});

describe('the address of a database', () => {
  it.each([
    ['', 'is empty.'],
    ['mysql://u:hush@h/d', 'does not begin with postgresql:// or postgres://.'],
    ['db.example.com', 'does not begin with postgresql:// or postgres://.'],
    ['postgresql://u:hush@/d', 'names no host.'],
    ['postgresql://u:hush@h', 'names no database.'],
    ['postgresql://u:hush@h/', 'names no database.'],
    ['postgresql://u:hush@h/d/e', 'has more than a database after the host.'],
    [
      'postgresql://u:hush@h1:5432,h2:5432/d',
      'names several hosts. Write one address that leads to the primary',
    ],
    ['postgresql://u:hush@h1,h2/d', 'names several hosts.'],
    ['postgresql://u:hu/sh@h/d', 'is not an address.'],
    ['postgresql://u:hush%zz@h/d', 'has a user, password or database with a % that encodes nothing.'],
    ['postgresql://u:hush@h/d#x', 'contains a #'],
    ['postgresql://u:hush@h/d x', 'contains a space'],
    ['postgresql://u:abc@h/d', 'has a password with fewer than 4 characters'],
    ['postgresql://h/d?password=hush', 'names the host, the database or the login after the ?.'],
    [`postgresql://u:hush@h/${'d'.repeat(2_000)}`, 'has more than 2000 characters.'],
  ])('%j is refused with the reason, and is not shown', async (text, words) => {
    const [problem, ...more] = await problemsOf({ urlFile: '/url' }, { '/url': { text } });
    expect([problem, more]).toEqual([
      expect.stringContaining(`the address of the state database (state.urlFile) ${words}`),
      [],
    ]);
    expect(problem).not.toMatch(/hush|abc/);
  });

  it('has all that is wrong with it in one problem', async () => {
    const [problem] = await problemsOf({}, {}, { CUTOVER_WATCH_STATE_URL: 'http://u:abc@h' });
    expect(problem).toMatch(
      /^the address .* does not begin with .* It names no database\. .* It has a password with fewer than 4/,
    );
  });

  it.each([
    ['postgresql://u:hush@h/d', 'postgresql://h:5432/d'],
    ['postgres://u@h:5433/d?sslmode=verify-full', 'postgresql://h:5433/d'],
    ['postgresql://u:hush@[::1]:5432/d', 'postgresql://[::1]:5432/d'],
  ])('%s is shown as %s', async (text, shown) => {
    expect(await load({}, {}, { CUTOVER_WATCH_STATE_URL: text })).toMatchObject({ ok: true });
    expect(shownDatabase(text)).toBe(shown);
  });

  it('is hidden whole, and its password as it is written and as it is sent', () => {
    const redactor = new Redactor();
    for (const secret of secretsOfDatabase(url)) redactor.register(secret);
    for (const text of [url, 'hush%2Fhush', 'hush/hush', Buffer.from('watch:hush/hush').toString('base64')])
      expect(redactor.text(`a ${text} b`)).toBe('a [redacted] b');
    expect(redactor.text(`${shownDatabase(url)} watch`)).toBe('postgresql://db.example.com:5432/watch watch');
  });
});

test('the printed configuration has where the state is, without the secret', async () => {
  const loaded = await configOf({ urlFile: '/url', lease: '1m' });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const access = {
    credentials: { type: 'apiKey', publicKey: 'abcdefgh', privateKey: 'not-a-real-key' },
    sources: { identity: 'atlas.auth.publicKey', secret: '$MONGODB_ATLAS_PRIVATE_API_KEY' },
    state: { kind: 'database', url, leaseMs: 60_000 },
    stateSource: 'state.urlFile',
  } as const;
  const text = describeConfig(loaded.config, access, loaded.origins).replaceAll(/ +#/g, ' #');
  expect(text).toContain(`state:
  url: postgresql://db.example.com:5432/watch (from state.urlFile)
  urlFile: /url # w.yaml:1
  lease: 1m # w.yaml:1
`);
  expect(listConfig(loaded.config, access, loaded.origins).filter(({ key }) => key === 'state.url')).toEqual([
    {
      key: 'state.url',
      value: 'postgresql://db.example.com:5432/watch (from state.urlFile)',
      origin: { kind: 'credentials', text: 'state.urlFile' },
    },
  ]);
});
