import type { DraftMigration } from './draft.ts';
import { type Pasted, readPasted } from './parse-ids.ts';
import type { Prompt } from './prompt.ts';

/** Returns a sentence about everything wrong with a list of migrations. */
export type FindProblems = (migrations: readonly DraftMigration[]) => Promise<readonly string[]>;

type Ids = Pick<DraftMigration, 'name' | 'groupId' | 'liveMigrationId'>;

/** Asks for migrations one after another, at least one. */
export async function askMigrations(
  prompt: Prompt,
  findProblems: FindProblems,
): Promise<readonly DraftMigration[]> {
  prompt.tell(
    'Now the migrations: paste PROJECT_ID/LIVE_MIGRATION_ID, the address of one in the API, or that of its project in the console.',
  );
  let migrations: readonly DraftMigration[] = [];
  for (;;) {
    const question =
      migrations.length === 0 ? 'First migration' : 'Next migration, or Enter when that is all';
    const text = await prompt.ask(question);
    if (text === '' && migrations.length > 0) return migrations;
    const ids = await askMissingId(prompt, readPasted(text));
    if (ids === undefined) continue;
    const longer = [...migrations, await askDetails(prompt, ids)];
    const problems = await findProblems(longer);
    if (problems.length === 0) migrations = longer;
    else prompt.tell(...problems, 'Give this one again.');
  }
}

/** Asks for other ids of a migration, until there is nothing wrong with them; Enter keeps those it has. */
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
    prompt.tell(...problems);
  }
}

/** Returns both ids, of which one may still have to be asked for; undefined where there was none. */
async function askMissingId(prompt: Prompt, pasted: Pasted): Promise<Ids | undefined> {
  switch (pasted.kind) {
    case 'pair':
      return pasted;
    case 'problem':
      prompt.tell(pasted.problem);
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
    prompt.tell(pasted.kind === 'problem' ? pasted.problem : 'This is the other of the two ids.');
  }
}

async function askDetails(prompt: Prompt, ids: Ids): Promise<DraftMigration> {
  const { groupId, liveMigrationId } = ids;
  const name = ids.name ?? (await prompt.ask('Its name, shown to people', liveMigrationId));
  return {
    name: name === liveMigrationId ? undefined : name,
    groupId,
    liveMigrationId,
    labels: await askLabels(prompt),
  };
}

async function askLabels(prompt: Prompt): Promise<Readonly<Record<string, string>> | undefined> {
  for (;;) {
    const text = await prompt.ask('Its labels, such as team=payments, tier=critical', 'none');
    if (text === 'none') return undefined;
    const labels = readLabels(text);
    if (labels !== undefined) return labels;
    prompt.tell('Write labels as name=text, with commas between them, or none.');
  }
}

/** Returns labels written `name=text, name=text`; undefined where one is not written so, or twice. */
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
