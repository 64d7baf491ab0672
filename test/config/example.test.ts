import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadCredentials } from '../../src/config/credentials.ts';
import { configKeys } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';

const FILE = 'config/cutover-watch.example.yaml';
const env = {
  HOME: '/home/me',
  MONGODB_ATLAS_PUBLIC_API_KEY: 'abcdefgh',
  MONGODB_ATLAS_PRIVATE_API_KEY: 'not-a-real-key',
};
const text = await readFile(new URL(`../../${FILE}`, import.meta.url), 'utf8');

async function load(content: string): Promise<Config> {
  const result = await loadConfig({ file: FILE, env, readFile: () => Promise.resolve(content) });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

/** Removes the # from every line with a key or a migration, as the file says. */
function uncommented(content: string): string {
  return content.replaceAll(/^( *)# ( *(?:- [0-9a-f]{24}\/|(?:- )?[a-zA-Z]+:(?: |$)))/gm, '$1$2');
}

/** Takes the keys in place of others, too. */
function withReplacements(content: string): string {
  return uncommented(content).replaceAll(/^# ( *)## /gm, '$1');
}

/** Turns to the service account. */
function withServiceAccount(content: string): string {
  return content.replace('type: apiKey', 'type: serviceAccount').replaceAll(/^( *)## /gm, '$1');
}

/** Returns whether a value has this path; `*` is any item of a list. */
function holds(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return value !== undefined && value !== null;
  if (key === '*') return Array.isArray(value) && value.some((item) => holds(item, rest));
  const below: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return holds(below, rest);
}

describe('the example configuration', () => {
  it('loads as it is, with the API key in the environment', async () => {
    const config = await load(text);
    expect(config.migrations).toHaveLength(1);
    expect(
      await loadCredentials(config.atlas.auth, {
        env,
        readFile: async () => '',
        stat: async () => ({ mode: 0 }),
      }),
    ).toMatchObject({ ok: true });
  });

  it('begins by telling editors where its schema is', () => {
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/cutover-watch\.schema\.json\n/);
  });

  it.each(configKeys().map(({ path }) => path))('shows %s', (path) => {
    const shown = [withReplacements(text), withServiceAccount(text)].map((content): unknown =>
      parse(content),
    );
    expect(shown.some((tree) => holds(tree, path.replaceAll('[]', '.*').split('.')))).toBe(true);
  });

  it('loads with a service account as it describes', async () => {
    expect((await load(withServiceAccount(text))).atlas).toMatchObject({
      apiVersion: 'v2',
      auth: { type: 'serviceAccount', clientSecretFile: '/run/secrets/atlas-client-secret' },
    });
  });

  it('shows the defaults, so that uncommenting everything changes nothing but the examples', async () => {
    const before = await load(text);
    const after = await load(uncommented(text));
    expect(after.migrations).toHaveLength(2);
    const { title, ...http } = after.http;
    expect(title).toBe('production');
    expect(after.notify.map(({ name }) => name)).toEqual(['on-call', 'mail']);
    expect(after.ping).toEqual({
      urlFile: '/run/secrets/ping-url',
      tokenFile: '/run/secrets/ping-token',
      every: 60_000,
    });
    const { ping: _ping, ...rest } = { ...after, notify: [] };
    expect({ ...rest, http, migrations: [], state: {}, atlas: { ...after.atlas, auth: {} } }).toEqual({
      ...before,
      migrations: [],
      state: {},
      atlas: { ...before.atlas, auth: {} },
    });
  });
});
