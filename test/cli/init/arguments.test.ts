import { expect, it } from 'vitest';
import { absolutePath, readArguments } from '../../../src/cli/init/arguments.ts';

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const liveMigrationId = '7e68e12770616e75e6df43d0';

it.each([
  [{}, {}, 'apiKey'],
  [{}, { MONGODB_ATLAS_CLIENT_SECRET_FILE: '/s' }, 'serviceAccount'],
  [{}, { MONGODB_ATLAS_CLIENT_ID: 'a', MONGODB_ATLAS_PUBLIC_API_KEY: 'b' }, 'apiKey'],
  [{ publicKey: 'a' }, { MONGODB_ATLAS_CLIENT_ID: 'a' }, 'apiKey'],
  [{ clientSecretFile: '/s' }, { MONGODB_ATLAS_PUBLIC_API_KEY: 'b' }, 'serviceAccount'],
])('the options, else the environment, say how to sign in: %j %j', (options, env, type) => {
  expect(readArguments({ verify: true, ...options }, env).draft.auth.type).toBe(type);
});

it('makes paths absolute, with ~ for the home, and leaves :memory: alone', () => {
  expect(readArguments({ verify: true, state: ':memory:' }, {}).draft.statePath).toBe(':memory:');
  expect(readArguments({ verify: true, state: 'a/b' }, {}).draft.statePath).toBe(`${process.cwd()}/a/b`);
  expect(absolutePath('~/key', { HOME: '/home/$&' })).toBe('/home/$&/key');
  expect(absolutePath('~me/key', { HOME: '/home/me' })).toBe(`${process.cwd()}/~me/key`);
});

it('keeps the good ones among several migrations, and reports the others by number', () => {
  const migration = [`a=${groupId}/${liveMigrationId}`, 'x', groupId];
  const { draft, problems } = readArguments({ verify: true, migration }, {});
  expect(draft.migrations).toEqual([{ name: 'a', groupId, liveMigrationId }]);
  expect(problems).toEqual([
    expect.stringMatching(/^--migration number 2: This contains no ids/),
    expect.stringMatching(/^--migration number 3 has only one id/),
  ]);
});
