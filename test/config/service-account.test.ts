import { describe, expect, it } from 'vitest';
import { loadCredentials, secretsOf } from '../../src/config/credentials.ts';
import type { Environment } from '../../src/config/interpolate.ts';

const ID = 'MONGODB_ATLAS_CLIENT_ID';
const SECRET = 'MONGODB_ATLAS_CLIENT_SECRET';
const account = {
  type: 'serviceAccount',
  clientId: 'mdb_sa_id_1',
  clientSecret: 'mdb_sa_sk_s3cr3t',
} as const;
type Auth = { readonly clientId?: string; readonly clientSecretFile?: string };

function load(auth: Auth, env: Environment, files: Readonly<Record<string, string>> = {}, mode = 0o400) {
  const open = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return text;
  };
  const readFile = async (path: string) => open(path);
  const stat = async (path: string) => ({ mode: open(path) === undefined ? 0 : mode });
  return loadCredentials({ type: 'serviceAccount', ...auth }, { env, readFile, stat });
}

describe('the credentials of a service account', () => {
  it.each<[string, Auth, Environment, string, string]>([
    ['variables', {}, { [ID]: 'mdb_sa_id_1', [SECRET]: 'mdb_sa_sk_s3cr3t' }, `$${ID}`, `$${SECRET}`],
    [
      'files named by variables',
      {},
      { [`${ID}_FILE`]: '/i', [`${SECRET}_FILE`]: '/s' },
      `$${ID}_FILE`,
      `$${SECRET}_FILE`,
    ],
    [
      'the configuration',
      { clientId: 'mdb_sa_id_1', clientSecretFile: '/s' },
      {},
      'atlas.auth.clientId',
      'atlas.auth.clientSecretFile',
    ],
    [
      'systemd',
      {},
      { CREDENTIALS_DIRECTORY: '/c' },
      '$CREDENTIALS_DIRECTORY/atlas-client-id',
      '$CREDENTIALS_DIRECTORY/atlas-client-secret',
    ],
  ])('come from %s, without a line end', async (_, auth, env, identity, secret) => {
    const files = {
      '/i': 'mdb_sa_id_1\n',
      '/s': 'mdb_sa_sk_s3cr3t\r\n',
      '/c/atlas-client-id': 'mdb_sa_id_1\n',
      '/c/atlas-client-secret': 'mdb_sa_sk_s3cr3t\n',
    };
    expect(await load(auth, env, files)).toEqual({
      ok: true,
      credentials: account,
      sources: { identity, secret },
      warnings: [],
    });
  });

  it('are missed with all their places named, and those of an API key do not count', async () => {
    expect(await load({}, { MONGODB_ATLAS_PUBLIC_API_KEY: 'abcdefgh' })).toEqual({
      ok: false,
      problems: [
        `The client id of the service account is missing. Set ${ID} or ${ID}_FILE, or write it as atlas.auth.clientId.`,
        `The client secret of the service account is missing. Set ${SECRET} or ${SECRET}_FILE, or name its file as atlas.auth.clientSecretFile.`,
      ],
    });
  });

  it('are refused from two places, empty, on two lines and mixed up, and never shown', async () => {
    const results = [
      await load({ clientId: 'x' }, { [ID]: 'y', [SECRET]: 's3cr3t', [`${SECRET}_FILE`]: '/s' }),
      await load({ clientId: 'x', clientSecretFile: '/s' }, {}, { '/s': '\n' }),
      await load({ clientId: 'x', clientSecretFile: '/s' }, {}, { '/s': 's3cr3t\ns3cr3t' }),
      await load({}, { [ID]: 'mdb_sa_sk_s3cr3t', [SECRET]: 'mdb_sa_id_1' }),
    ];
    expect(results.flatMap((result) => (result.ok ? ['accepted'] : result.problems))).toEqual([
      `The client id is given more than once, by $${ID} and atlas.auth.clientId. Keep one of them.`,
      `The client secret is given more than once, by $${SECRET}_FILE and $${SECRET}. Keep one of them.`,
      'The client secret (atlas.auth.clientSecretFile) is empty. Put the client secret there, or remove the source.',
      'The client secret (atlas.auth.clientSecretFile) contains a space, a line break or a control character. Put only the client secret there, on one line.',
      `The client id ($${ID}) looks like a client secret. Swap the two if they are mixed up, and replace the client secret if it was shown to anybody.`,
    ]);
  });

  it('warn about a file that is open to everybody', async () => {
    const auth = { clientId: 'mdb_sa_id_1', clientSecretFile: '/s' };
    expect(await load(auth, {}, { '/s': 'mdb_sa_sk_s3cr3t' }, 0o444)).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining('The file of the client secret, atlas.auth.clientSecretFile (/s)')],
    });
  });
});

it('what must not be shown is the secret, and the id with it', () => {
  expect(secretsOf(account)).toEqual(['mdb_sa_sk_s3cr3t', 'mdb_sa_id_1:mdb_sa_sk_s3cr3t']);
  expect(secretsOf({ type: 'apiKey', publicKey: 'abcdefgh', privateKey: 'k3y' })).toEqual(['k3y']);
});
