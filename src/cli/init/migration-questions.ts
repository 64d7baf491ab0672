import { pushOnly } from '../../atlas/push-only.ts';
import type { DraftMigration } from './draft.ts';
import { type Pasted, readPasted } from './parse-ids.ts';
import type { Prompt } from './prompt.ts';

/** Returns a sentence for each problem in a list of migrations. */
export type FindProblems = (migrations: readonly DraftMigration[]) => Promise<readonly string[]>;

type Ids = Pick<DraftMigration, 'name' | 'groupId' | 'liveMigrationId'>;

/** Asks for migrations one after another, at least one. */
export async function askMigrations(
  prompt: Prompt,
  findProblems: FindProblems,
): Promise<readonly DraftMigration[]> {
  prompt.show(
    'Now the migrations. Paste PROJECT_ID/LIVE_MIGRATION_ID, the API address of a migration, or the address of its project in the Atlas console.',
    'The project id is in that address, after /v2/, and in the console under Project Settings. The live migration id is _id in the reply of Atlas to the request that created the migration; the console does not show it.',
    pushOnly,
  );
  let migrations: readonly DraftMigration[] = [];
  for (;;) {
    const question = migrations.length === 0 ? 'First migration' : 'Next migration, or Enter to finish';
    const text = await prompt.ask(question);
    if (text === '' && migrations.length > 0) return migrations;
    const ids = await askMissingId(prompt, readPasted(text));
    if (ids === undefined) continue;
    const longer = [...migrations, await askDetails(prompt, ids)];
    const problems = await findProblems(longer);
    if (problems.length === 0) migrations = longer;
    else prompt.show(...problems, 'Enter this migration again.');
  }
}

/** Asks for other ids of a migration until they are valid. Enter keeps the current ids. */
export async function askOtherIds(
  prompt: Prompt,
  migration: DraftMigration,
  findProblems: (other: DraftMigration) => Promise<readonly string[]>,
): Promise<DraftMigration> {
  const { name, groupId, liveMigrationId } = migration;
  for (;;) {
    const answer = await prompt.ask(`Ids of ${name ?? liveMigrationId}`, `${groupId}/${liveMigrationId}`);
    const ids = await askMissingId(prompt, readPasted(answer));
    if (ids === undefined) continue;
    const other = { ...migration, groupId: ids.groupId, liveMigrationId: ids.liveMigrationId };
    const problems = await findProblems(other);
    if (problems.length === 0) return other;
    prompt.show(...problems);
  }
}

/** Returns both ids, and asks for the one that is missing. Undefined if the text held no id. */
async function askMissingId(prompt: Prompt, pasted: Pasted): Promise<Ids | undefined> {
  switch (pasted.kind) {
    case 'pair':
      return pasted;
    case 'problem':
      prompt.show(pasted.problem);
      return undefined;
    case 'migration': {
      const { liveMigrationId } = pasted;
      return { groupId: await askId(prompt, 'Its project id', 'groupId'), liveMigrationId };
    }
    case 'project':
    case 'id': {
      const groupId = pasted.kind === 'id' ? pasted.id : pasted.groupId;
      const question = "Its live migration id (_id in Atlas's reply when the migration was created)";
      return { groupId, liveMigrationId: await askId(prompt, question, 'liveMigrationId') };
    }
  }
}

async function askId(
  prompt: Prompt,
  question: string,
  wanted: 'groupId' | 'liveMigrationId',
): Promise<string> {
  for (;;) {
    const pasted = readPasted(await prompt.ask(question));
    if (pasted.kind === 'id') return pasted.id;
    if (wanted in pasted) return String(Reflect.get(pasted, wanted));
    prompt.show(pasted.kind === 'problem' ? pasted.problem : 'This is the other one of the two ids.');
  }
}

async function askDetails(prompt: Prompt, ids: Ids): Promise<DraftMigration> {
  const { groupId, liveMigrationId } = ids;
  const name = ids.name ?? (await prompt.ask('Display name', liveMigrationId));
  return {
    name: name === liveMigrationId ? undefined : name,
    groupId,
    liveMigrationId,
    labels: await askLabels(prompt),
  };
}

async function askLabels(prompt: Prompt): Promise<Readonly<Record<string, string>> | undefined> {
  for (;;) {
    const text = await prompt.ask('Labels, such as team=payments, tier=critical', 'none');
    if (text === 'none') return undefined;
    const labels = readLabels(text);
    if (labels !== undefined) return labels;
    prompt.show('Write labels as name=text, separated by commas, or write none.');
  }
}

/** Returns labels written as `name=text, name=text`; undefined if one is malformed or given twice. */
export function readLabels(text: string): Readonly<Record<string, string>> | undefined {
  const entries = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(
      (part) =>
        /^([^=]+)=(.+)$/s
          .exec(part)
          ?.slice(1)
          .map((side) => side.trim()) ?? [],
    );
  const names = new Set(entries.map(([name]) => name));
  if (names.has(undefined) || names.size < entries.length || names.has('__proto__')) return undefined;
  return Object.fromEntries(entries.map(([name = '', value = '']) => [name, value]));
}
