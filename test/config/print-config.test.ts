import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Environment, escapeDollars } from '../../src/config/interpolate.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Origins } from '../../src/config/origins.ts';
import { describeConfig, listConfig } from '../../src/config/print-config.ts';

const GROUP = '123456789012345678901234';
const CREDENTIALS = {
  credentials: { type: 'apiKey', publicKey: 'abcdefgh', privateKey: 's3cr3t' },
  state: { kind: 'file', path: '/h/state.db' },
  stateSource: undefined,
  sources: { identity: 'atlas.auth.publicKey', secret: '$MONGODB_ATLAS_PRIVATE_API_KEY' },
} as const;
const SERVICE_ACCOUNT = {
  credentials: { type: 'serviceAccount', clientId: 'mdb_sa_id_12abcdef', clientSecret: 'mdb_sa_sk_s3cr3t' },
  state: { kind: 'file', path: '/h/state.db' },
  stateSource: undefined,
  sources: { identity: 'atlas.auth.clientId', secret: '$MONGODB_ATLAS_CLIENT_SECRET' },
} as const;

async function load(text: string, env: Environment = {}) {
  const result = await loadConfig({
    file: 'f',
    env: { HOME: '/h', ...env },
    readFile: () => Promise.resolve(text),
  });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return { ...result.config, state: { path: '/h/state.db', ...result.config.state } };
}

const unknown: Origins = () => ({ kind: 'default' });

function withoutKeys(text: string): string {
  return text.replaceAll(/^ +(publicKey|privateKey|clientId|clientSecret): .*\n/gm, '');
}

describe('describeConfig', () => {
  it('shows two characters of the public key and where the private one comes from', async () => {
    const text = describeConfig(
      await load(`migrations: [${GROUP}/5e1234567890123456789012]`),
      CREDENTIALS,
      unknown,
    );
    expect(text).toContain('    publicKey: ab... (from atlas.auth.publicKey)\n');
    expect(text).toContain('    privateKey: (from $MONGODB_ATLAS_PRIVATE_API_KEY)\n');
    expect(text).toMatch(/^ {2}window: 120h +# default$/m);
    expect(text).not.toMatch(/abcdefgh|s3cr3t/);
  });

  it('masks a service account likewise, and loads again', async () => {
    const auth = '{ type: serviceAccount, clientSecretFile: /run/a$b }';
    const config = await load(`atlas: { auth: ${auth} }\nmigrations: [${GROUP}/5e1234567890123456789012]`);
    const text = describeConfig(config, SERVICE_ACCOUNT, unknown);
    expect(text).toMatch(/^ {4}type: serviceAccount +# default$/m);
    expect(text).toContain('    clientId: mdb_sa_id_12... (from atlas.auth.clientId)\n');
    expect(text).toContain('    clientSecret: (from $MONGODB_ATLAS_CLIENT_SECRET)\n');
    expect(text).not.toMatch(/abcdef|s3cr3t/);
    expect(await load(withoutKeys(text))).toEqual(config);
  });

  it('shows the proxy of the environment without its login, as a comment', async () => {
    const env = { HTTPS_PROXY: 'http://me:s3cr3t@proxy.example:3128' };
    const config = await load(`migrations: [${GROUP}/5e1234567890123456789012]`, env);
    const text = describeConfig(config, CREDENTIALS, unknown);
    expect(text).toMatch(
      /\n# Through the proxy http:\/\/proxy\.example:3128 of the environment, unless NO_PROXY names the host\.\n$/,
    );
    expect(text).not.toMatch(/s3cr3t|me@|me:s/);
    expect(await load(withoutKeys(text), env)).toEqual(config);
  });

  it('says where each value comes from: default, file and line, variable, or its own setting', async () => {
    const text = [
      'cutover:',
      `  remindEvery: $\{EVERY}`,
      'migrations:',
      `  - ${GROUP}/5e1234567890123456789012`,
    ].join('\n');
    const result = await loadConfig({
      file: 'w.yaml',
      env: { HOME: '/h', EVERY: '2h' },
      readFile: () => Promise.resolve(`${text}\ninclude: ['*.d']\n`),
      readIncluded: () =>
        Promise.resolve({
          files: [
            {
              path: 'a.d',
              text: `migrations:\n  - groupId: ${GROUP}\n    liveMigrationId: ${GROUP}\n    cutover: { window: 24h }\n`,
            },
          ],
          unmatched: [],
        }),
    });
    if (!result.ok) throw new Error(result.problems.join('\n'));
    const shown = describeConfig(result.config, CREDENTIALS, result.origins);
    const origins = shown.split('\n').map((line) => line.replace(/ +# /, ' # ').trim());
    expect(origins).toEqual(
      expect.arrayContaining([
        'window: 120h # default',
        'remindEvery: 2h # $EVERY, w.yaml:2',
        'liveMigrationId: "5e1234567890123456789012" # w.yaml:4',
        'liveMigrationId: "123456789012345678901234" # a.d:3',
        'window: 24h # a.d:4, in place of cutover.window',
        'warnBefore: [6h, 1h] # follows from the window, and from cutover.warnBefore',
      ]),
    );
    const listed = listConfig(result.config, CREDENTIALS, result.origins);
    expect(listed).toContainEqual({
      key: 'migrations[1].cutover.window',
      value: '24h',
      origin: { kind: 'file', file: 'a.d', line: 4, variables: [] },
    });
    expect(JSON.stringify(listed)).not.toMatch(/abcdefgh|s3cr3t/);
    const again = await load(withoutKeys(shown));
    expect(again).toEqual({ ...result.config, state: again.state });
  });

  it('loads again to the same configuration', async () => {
    const text = fc
      .string({ unit: fc.constantFrom('a', '$', '{', '}', '"', ':', ' ', '#', '~', '0', 'é', '$A') })
      .filter((name) => name.trim() !== '');
    const duration = fc.integer({ min: 1, max: 86_399 }).map((seconds) => `${seconds}s`);
    const given = fc.record({
      name: fc
        .oneof(text, fc.constantFrom('null', '~', 'false', '007', '1e3'))
        .map((name) => name.slice(0, 100)),
      label: text,
      heartbeat: duration,
      warnBefore: fc.array(duration),
      listen: fc.constantFrom('false', '[::1]:0', 'localhost:9464'),
      apiVersion: fc.constantFrom('v1.0', 'v2'),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ name, label, heartbeat, warnBefore, listen, apiVersion }) => {
        fc.pre(name.trim() !== '');
        const config = await load(
          JSON.stringify({
            atlas: { apiVersion, auth: { privateKeyFile: '/run/a$b' } },
            cutover: { warnBefore },
            watch: { heartbeat },
            http: { listen },
            migrations: [
              {
                name: escapeDollars(name),
                groupId: GROUP,
                liveMigrationId: GROUP,
                labels: { 'a: b': escapeDollars(label) },
              },
            ],
          }),
        );
        expect(config.migrations[0]?.name).toBe(name);
        expect(await load(withoutKeys(describeConfig(config, CREDENTIALS, unknown)))).toEqual(config);
      }),
    );
  });
});
