import { describe, expect, it } from 'vitest';
import { loadCredentials } from '../../src/config/credentials.ts';
import type { Environment } from '../../src/config/interpolate.ts';
import { thisUser } from '../../src/config/this-user.ts';

type Files = Readonly<
  Record<string, { readonly text: string; readonly mode?: number } | { readonly code: string }>
>;
type Auth = { readonly publicKey?: string; readonly privateKeyFile?: string };

const PUBLIC = 'MONGODB_ATLAS_PUBLIC_API_KEY';
const PRIVATE = 'MONGODB_ATLAS_PRIVATE_API_KEY';
const SECRET = 's3cr3t-s3cr3t';

function load(auth: Auth, env: Environment, files: Files = {}) {
  const open = (path: string) => {
    const file = files[path] ?? { code: 'ENOENT' };
    if ('code' in file) throw Object.assign(new Error(file.code), { code: file.code });
    return { text: file.text, mode: 0o100_000 | (file.mode ?? 0o400) };
  };
  return loadCredentials(
    { type: 'apiKey', ...auth },
    { env, readFile: async (path) => open(path).text, stat: async (path) => open(path) },
  );
}

describe('loadCredentials', () => {
  it('takes both halves from the environment', async () => {
    expect(await load({}, { [PUBLIC]: 'abcdefgh', [PRIVATE]: SECRET })).toEqual({
      ok: true,
      credentials: { type: 'apiKey', publicKey: 'abcdefgh', privateKey: SECRET },
      sources: { identity: `$${PUBLIC}`, secret: `$${PRIVATE}` },
      warnings: [],
    });
  });

  it.each([
    [
      'the configuration',
      { publicKey: 'abcdefgh', privateKeyFile: '/k' },
      {},
      'atlas.auth.publicKey',
      'atlas.auth.privateKeyFile',
    ],
    [
      'files named by variables',
      {},
      { [`${PUBLIC}_FILE`]: '/p', [`${PRIVATE}_FILE`]: '/k' },
      `$${PUBLIC}_FILE`,
      `$${PRIVATE}_FILE`,
    ],
    [
      'systemd',
      {},
      { CREDENTIALS_DIRECTORY: '/run/c' },
      '$CREDENTIALS_DIRECTORY/atlas-public-key',
      '$CREDENTIALS_DIRECTORY/atlas-private-key',
    ],
  ])(
    'takes them from %s and drops one line end',
    async (_, auth: Auth, env: Environment, identity, secret) => {
      const files = {
        '/p': { text: 'abcdefgh\n' },
        '/k': { text: `${SECRET}\r\n` },
        '/run/c/atlas-public-key': { text: 'abcdefgh' },
        '/run/c/atlas-private-key': { text: `${SECRET}\n` },
      };
      expect(await load(auth, env, files)).toMatchObject({
        credentials: { publicKey: 'abcdefgh', privateKey: SECRET },
        sources: { identity, secret },
      });
    },
  );

  it('refuses two sources for the same half and names both', async () => {
    const files = { '/run/c/atlas-private-key': { text: SECRET }, '/k': { text: SECRET } };
    const env = { CREDENTIALS_DIRECTORY: '/run/c', [PUBLIC]: 'abcdefgh' };
    expect(await load({ publicKey: 'abcdefgh', privateKeyFile: '/k' }, env, files)).toEqual({
      ok: false,
      problems: [
        `The public key is given more than once, by $${PUBLIC} and atlas.auth.publicKey. Keep one of them.`,
        'The private key is given more than once, by $CREDENTIALS_DIRECTORY/atlas-private-key and atlas.auth.privateKeyFile. Keep one of them.',
      ],
    });
  });

  it('takes empty variables and a credential directory without the file for nothing', async () => {
    const env = { [PUBLIC]: '', [`${PRIVATE}_FILE`]: '', [PRIVATE]: SECRET, CREDENTIALS_DIRECTORY: '/run/c' };
    expect(await load({ publicKey: 'abcdefgh' }, env)).toMatchObject({
      ok: true,
      sources: { identity: 'atlas.auth.publicKey', secret: `$${PRIVATE}` },
    });
  });

  it('says where to put both halves when there are none', async () => {
    expect(await load({}, {})).toEqual({
      ok: false,
      problems: [
        `The public key of the Atlas API key is missing. Set ${PUBLIC} or ${PUBLIC}_FILE, or write it as atlas.auth.publicKey.`,
        `The private key of the Atlas API key is missing. Set ${PRIVATE} or ${PRIVATE}_FILE, or name its file as atlas.auth.privateKeyFile.`,
      ],
    });
  });

  it('names the files of the credential directory first where there is one', async () => {
    expect(await load({}, { CREDENTIALS_DIRECTORY: '/etc/cutover-watch' })).toMatchObject({
      problems: [
        expect.stringContaining(
          `missing. Put it into /etc/cutover-watch/atlas-public-key, or set ${PUBLIC} or`,
        ),
        expect.stringContaining(
          `missing. Put it into /etc/cutover-watch/atlas-private-key, or set ${PRIVATE} or`,
        ),
      ],
    });
  });

  it.each([0o404, 0o444, 0o604, 0o402])('warns about a private key file with mode %o', async (mode) => {
    const files = { '/k': { text: SECRET, mode } };
    expect(await load({ publicKey: 'abcdefgh', privateKeyFile: '/k' }, {}, files)).toMatchObject({
      ok: true,
      warnings: [
        'The file of the private key, atlas.auth.privateKeyFile (/k), is open to every user of this machine. Close it with chmod o-rwx /k',
      ],
    });
  });

  it.each([0o400, 0o600, 0o640])('is content with a private key file of mode %o', async (mode) => {
    const files = { '/k': { text: SECRET, mode } };
    expect(await load({ publicKey: 'abcdefgh', privateKeyFile: '/k' }, {}, files)).toMatchObject({
      warnings: [],
    });
  });

  it.each([
    ['', 'is empty'],
    ['\n', 'is empty'],
    [`${SECRET}\n\n`, 'contains a space, a line break or a control character'],
    [`${SECRET}\n${SECRET}\n`, 'contains a space, a line break or a control character'],
    [`${SECRET} `, 'contains a space, a line break or a control character'],
    [`${SECRET}\u0000`, 'contains a space, a line break or a control character'],
  ])('refuses %j as a private key without showing it', async (text, fault) => {
    const result = await load({ publicKey: 'abcdefgh', privateKeyFile: '/k' }, {}, { '/k': { text } });
    expect(result).toMatchObject({
      ok: false,
      problems: [expect.stringContaining(`The private key (atlas.auth.privateKeyFile) ${fault}.`)],
    });
    expect(JSON.stringify(result)).not.toContain('s3cr3t');
  });

  it.each([
    [`"${SECRET}"`, 'begins or ends with a quote'],
    [`'${SECRET}'`, 'begins or ends with a quote'],
    [`"${SECRET}`, 'begins or ends with a quote'],
    [`${PRIVATE}=${SECRET}`, 'is written as NAME=value'],
    [`KEY="${SECRET}"`, 'begins or ends with a quote'],
    ['${PRIVATE_s3cr3t}', 'is a placeholder that was never replaced'],
    ['$PRIVATE_s3cr3t', 'is a placeholder that was never replaced'],
    ['{{s3cr3t}}', 'is a placeholder that was never replaced'],
    ['<s3cr3t-key>', 'is a placeholder that was never replaced'],
    ['op://vault/s3cr3t/key', 'refers to a secret'],
    ['ENC[AES256_GCM,data:s3cr3t]', 'refers to a secret'],
    ['/run/secrets/s3cr3t', 'is a path'],
    ['{"key":"s3cr3t"}', 'is a whole document'],
    [`abcdefgh:${SECRET}`, 'holds two keys'],
    [Buffer.from(SECRET).toString('base64'), 'is encoded in base64'],
    [Buffer.from(`${SECRET}\n`).toString('base64'), 'is encoded in base64'],
    [`${SECRET}\u200b`, 'contains an invisible character (U+200B)'],
    [`\uFEFF\uFEFF${SECRET}`, 'contains a space, a line break or a control character'],
    [`${SECRET}ключ`, 'contains a character that is not ASCII'],
    [`${SECRET}\u00fc`, 'contains a character that is not ASCII'],
    [`${SECRET}\uFFFD`, 'contains bytes that are not UTF-8'],
    ['abc', 'has fewer than 4 characters'],
  ])('refuses %j as a private key, which no key of Atlas is, and does not show it', async (text, fault) => {
    const fromFile = load({ publicKey: 'abcdefgh', privateKeyFile: '/k' }, {}, { '/k': { text } });
    const fromEnvironment = load({ publicKey: 'abcdefgh' }, { [PRIVATE]: text });
    for (const result of await Promise.all([fromFile, fromEnvironment])) {
      expect(result).toMatchObject({ ok: false, problems: [expect.stringContaining(fault)] });
      expect(JSON.stringify(result)).not.toMatch(/s3cr3t|abc\b/);
    }
  });

  it.each(['"abcdefgh"', 'ключ', 'YWJjZGVmZ2g=', 'YWJjZGVmZ2gK', 'PUBLIC=abcdefgh', '${PUBLIC}'])(
    'refuses %j as a public key',
    async (text) => {
      expect(await load({}, { [PUBLIC]: text, [PRIVATE]: SECRET })).toMatchObject({
        ok: false,
        problems: [expect.stringContaining(`The public key ($${PUBLIC}) `)],
      });
    },
  );

  it.each([
    '01234567-89ab-4cde-8f01-23456789abcd',
    'mdb_sa_sk_AbCd-0123_4567',
    'pa"ss\\word=01',
    'passwordpassword',
    '0123456789abcdef',
    'true',
    '\uFEFFs3cr3t-s3cr3t\n',
  ])('takes %j as it is, but for a byte order mark and a line end', async (text) => {
    expect(await load({ publicKey: 'abcdefgh' }, { [PRIVATE]: text })).toMatchObject({
      credentials: { privateKey: text.replace('\uFEFF', '').trimEnd() },
    });
  });

  it.each(['01234567-89ab-4cde-8f01-23456789abcd', './mdb_sa_sk_s3cr3t', 's3cr3t-s3cr3t'])(
    'does not show %j in place of the path of a file',
    async (privateKeyFile) => {
      const result = await load({ publicKey: 'abcdefgh', privateKeyFile }, {});
      expect(result).toMatchObject({
        problems: [
          'The file of the private key, atlas.auth.privateKeyFile (not shown, as it may be the secret itself), does not exist. Create it, or name another.',
        ],
      });
    },
  );

  it.each(['EACCES', 'EPERM'])('sends who may not read the files of systemd to root (%s)', async (code) => {
    const { geteuid } = process;
    const problemFor = async (uid: number) => {
      process.geteuid = () => uid;
      const env = { [PUBLIC]: 'abcdefgh', CREDENTIALS_DIRECTORY: '/etc/cutover-watch' };
      return load({}, env, { '/etc/cutover-watch/atlas-private-key': { code } });
    };
    try {
      expect(await problemFor(1000)).toMatchObject({
        problems: [
          'The file of the private key, $CREDENTIALS_DIRECTORY/atlas-private-key (/etc/cutover-watch/atlas-private-key), cannot be read by this user (1000). Run this as root, such as with sudo.',
        ],
      });
      expect(await problemFor(0)).toMatchObject({
        problems: [expect.stringMatching(/by this user \(0\)\. Give read access to this user only/)],
      });
    } finally {
      if (geteuid !== undefined) process.geteuid = geteuid;
    }
  });

  it.each([
    ['ENOENT', 'does not exist. Create it, or name another.'],
    [
      'EACCES',
      `cannot be read by ${thisUser()}. Give read access to this user only, or run as a user who has it.`,
    ],
    ['EISDIR', 'is a directory. Name the file in it.'],
    ['EIO', 'cannot be read (EIO). Name another.'],
  ])('says what to do when reading the file fails with %s', async (code, sentence) => {
    const env = { [PUBLIC]: 'abcdefgh', [`${PRIVATE}_FILE`]: '/k' };
    expect(await load({}, env, { '/k': { code } })).toEqual({
      ok: false,
      problems: [`The file of the private key, $${PRIVATE}_FILE (/k), ${sentence}`],
    });
  });

  it('notices a private key in the place of the public one, without showing it', async () => {
    const uuid = '0f9b2c1d-1111-2222-3333-444455556666';
    expect(await load({}, { [PUBLIC]: uuid, [PRIVATE]: 'abcdefgh' })).toEqual({
      ok: false,
      problems: [
        `The public key ($${PUBLIC}) looks like a private key. Swap the two if they are mixed up, and replace the private key if it was shown to anybody.`,
      ],
    });
  });

  it('reads the files again on every call', async () => {
    let text = 'old-key';
    const effects = {
      env: { [PUBLIC]: 'abcdefgh' },
      readFile: async () => text,
      stat: async () => ({ mode: 0o400 }),
    };
    const auth = { type: 'apiKey', privateKeyFile: '/k' } as const;
    expect(await loadCredentials(auth, effects)).toMatchObject({ credentials: { privateKey: 'old-key' } });
    text = 'new-key';
    expect(await loadCredentials(auth, effects)).toMatchObject({ credentials: { privateKey: 'new-key' } });
  });

  it('hints at the service account when the environment holds one instead', async () => {
    expect(await load({}, { [PUBLIC]: 'abcdefgh', MONGODB_ATLAS_CLIENT_SECRET: SECRET })).toEqual({
      ok: false,
      problems: [
        `The private key of the Atlas API key is missing. Set ${PRIVATE} or ${PRIVATE}_FILE, or name its file as atlas.auth.privateKeyFile.`,
        '$MONGODB_ATLAS_CLIENT_SECRET belongs to a service account; to use that, write type: serviceAccount under atlas.auth.',
      ],
    });
  });
});
