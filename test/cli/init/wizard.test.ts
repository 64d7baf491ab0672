import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Draft } from '../../../src/cli/init/draft.ts';
import { Interrupted, type Prompt } from '../../../src/cli/init/prompt.ts';
import type { VerifyContext } from '../../../src/cli/init/verify.ts';
import { askDraft, askFile, settleDraft } from '../../../src/cli/init/wizard.ts';
import type { Environment } from '../../../src/config/interpolate.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { groupId, migrationId, startAtlas } from '../../e2e/atlas-by-hand.ts';
import { apiKey, keyInEnvironment } from '../../e2e/program.ts';
import { temporaryDirectory } from '../../state/temporary-directory.ts';
import { person } from './person.ts';

const file = 'watch.yaml';
const nothing: Draft = { auth: { type: 'apiKey' }, migrations: [] };
const pair = { groupId, liveMigrationId: migrationId(0) };

function contextWith(env: Environment): VerifyContext {
  return { env, redactor: new Redactor(), interrupted: new AbortController().signal };
}

it('asks for another file until it may be written', async () => {
  const folder = temporaryDirectory();
  const taken = join(folder, 'taken');
  writeFileSync(taken, '');
  mkdirSync(join(folder, 'folder'));
  const usual = join(folder, 'new');
  const ask = (prompt: ReturnType<typeof person>, given = false, force = false) =>
    askFile(prompt, { usual: given ? taken : usual, given, force });
  expect(await ask(person(''))).toBe(usual);
  expect(await ask(person(join(folder, 'folder'), taken, '', usual))).toBe(usual);
  expect(await ask(person('y'), true)).toBe(taken);
  expect(await ask(person(), true, true)).toBe(taken);
});

it('asks nothing of a sign-in that the environment has, but which kind it is', async () => {
  const prompt = person('', `a=${groupId}/${migrationId(0)}`, 'wrong', 'none', '');
  const context = contextWith({ HOME: '/home/me', ...keyInEnvironment() });
  expect(await askDraft(prompt, nothing, file, context)).toEqual({
    auth: { type: 'apiKey' },
    migrations: [{ ...pair, name: 'a' }],
  });
  expect(prompt.shown).toContain('The private key comes from $MONGODB_ATLAS_PRIVATE_API_KEY.');
});

it.each([
  [{ HOME: '/home/me' }, '/home/me/.config/cutover-watch/atlas-client-secret'],
  [{ HOME: '/home/me', XDG_CONFIG_HOME: '/etc/me' }, '/etc/me/cutover-watch/atlas-client-secret'],
  [{ STATE_DIRECTORY: '/state' }, join(process.cwd(), 'atlas-client-secret')],
])('keeps a typed secret out of the way of the configuration: %j', async (env, secretFile) => {
  const prompt = person('account', 'mdb_sa_id_1', 'mdb_sa_sk_x', '');
  const draft = { ...nothing, migrations: [pair] };
  const { auth } = await askDraft(prompt, draft, file, contextWith(env));
  expect(auth).toEqual({
    type: 'serviceAccount',
    identity: 'mdb_sa_id_1',
    secretFile,
    typedSecret: 'mdb_sa_sk_x',
  });
});

it('takes a key that will be in the environment, and refuses a key in place of its file', async () => {
  const draft = { ...nothing, migrations: [pair] };
  const later = person('', 'abcdefgh', '', 'environment', 'y');
  expect((await askDraft(later, draft, file, contextWith({ HOME: '/h' }))).auth).toEqual({
    type: 'apiKey',
    identity: 'abcdefgh',
  });
  expect(later.shown).toContainEqual(expect.stringContaining('Set MONGODB_ATLAS_PRIVATE_API_KEY'));
  const key = person('', 'abcdefgh', '', 'file', apiKey.privateKey, '');
  await expect(askDraft(key, draft, file, contextWith({ HOME: '/h' }))).rejects.toThrow(Interrupted);
  expect(key.shown.filter((text) => text.includes('looks like a secret itself'))).toHaveLength(1);
  expect(key.shown.join()).not.toContain(apiKey.privateKey);
});

it('asks for the private key before it shows any other question, and again after all', async () => {
  const draft = { ...nothing, migrations: [pair] };
  const prompt = person('', 'abcdefgh', '', 'typing', apiKey.privateKey, '');
  const { auth } = await askDraft(prompt, draft, file, contextWith({ HOME: '/h' }));
  expect(auth).toMatchObject({ typedSecret: apiKey.privateKey });
  const hidden = 'Private key (not shown, or Enter for other ways)';
  expect(prompt.shown.slice(1, 5)).toEqual(['Public key', hidden, 'The private key comes from', hidden]);
});

it('asks for a public key until there is one, before it asks for the private key', async () => {
  const draft = { ...nothing, migrations: [pair] };
  const prompt = person(
    '',
    '',
    apiKey.privateKey,
    '"abcdefgh"',
    'abcd efgh',
    'abcdefgh',
    '',
    'environment',
    'y',
  );
  const { auth } = await askDraft(prompt, draft, file, contextWith({ HOME: '/h' }));
  expect(auth).toMatchObject({ identity: 'abcdefgh' });
  expect(prompt.shown.filter((text) => text === 'Public key')).toHaveLength(5);
  expect(prompt.shown.join()).toContain('The public key contains a space');
  expect(prompt.shown).toContain('Give the public key. Ctrl-C leaves.');
  expect(prompt.shown.join()).toContain('begins or ends with a quote');
  expect(prompt.shown.join()).not.toContain(apiKey.privateKey);
});

it('asks only for the file again where the file was wrong, and offers what was typed', async () => {
  const folder = temporaryDirectory();
  const key = join(folder, 'key');
  writeFileSync(key, apiKey.privateKey, { mode: 0o600 });
  const wrong = join(folder, 'kye');
  const draft = { ...nothing, migrations: [pair] };
  const prompt = person('', 'abcdefgh', '', 'file', wrong, 'n', '', '', key);
  const { auth } = await askDraft(prompt, draft, file, contextWith({ HOME: '/h' }));
  expect(auth).toEqual({ type: 'apiKey', identity: 'abcdefgh', secretFile: key, typedSecret: undefined });
});

async function draftOfAtlas() {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING' });
  const second = { name: 'b', groupId, liveMigrationId: migrationId(1) };
  const draft: Draft = { ...nothing, migrations: [pair, second], baseUrl: atlas.simulator.baseUrl };
  return { atlas, draft, context: contextWith({ HOME: '/home/me', ...keyInEnvironment() }) };
}

it('reads again after something was fixed, and ends when all is well', async () => {
  const { atlas, draft, context } = await draftOfAtlas();
  const prompt = person('retry');
  const fixing: Prompt = {
    ...prompt,
    choose: (question, choices, usual) => {
      atlas.say(1, { status: 'NEW', readyForCutover: true, lagTimeSeconds: 3 });
      return prompt.choose(question, choices, usual);
    },
  };
  expect(await settleDraft(fixing, draft, file, context)).toEqual({ draft, code: 0 });
  expect(prompt.shown).toContain('b: NEW, ready for cutover, 3 s behind.');
  expect(prompt.shown).toContain(`${migrationId(0)}: WORKING.`);
});

it('corrects the ids of what cannot be read, and lets all of it be dropped', async () => {
  const { draft, context } = await draftOfAtlas();
  const same = `${groupId}/${migrationId(0)}`;
  const prompt = person('', '', 'nonsense', same, `${groupId}/${migrationId(2)}`, 'quit');
  expect(await settleDraft(prompt, draft, file, context)).toEqual({ draft: undefined, code: 1 });
  expect(prompt.shown).toContainEqual(expect.stringContaining('is the same migration as migrations[0]'));
});

it('says what is missing before Atlas can be asked', async () => {
  const { draft } = await draftOfAtlas();
  const prompt = person('correct', 'n', 'keep');
  expect(await settleDraft(prompt, draft, file, contextWith({ HOME: '/h' }))).toEqual({ draft, code: 78 });
  expect(prompt.shown).toContainEqual(
    expect.stringContaining('The public key of the Atlas API key is missing'),
  );
});
