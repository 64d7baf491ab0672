import { isDeepStrictEqual } from 'node:util';
import { keyOf } from '../../atlas/migration-resource.ts';
import { findConfigFile } from '../../config/config-file.ts';
import { type LoadResult, loadConfig } from '../../config/load.ts';
import type { Origins } from '../../config/origins.ts';
import type { Config } from '../../config/schema.ts';
import { IncludeReader } from '../../daemon/included-files.ts';
import { files, patience } from '../../daemon/read-file.ts';
import { loadCredentialsOf } from '../../daemon/settings.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { print, say } from '../terminal.ts';
import { type InitOptions, readMigration } from './arguments.ts';
import { type CreatedMigration, longestReply, readCreated } from './created-reply.ts';
import type { DraftMigration } from './draft.ts';
import { insertMigrations } from './insert-migrations.ts';
import { readPasted } from './parse-ids.ts';
import { Interrupted } from './prompt.ts';
import { placeProblem, SaveError, saveFiles } from './save.ts';
import { readEach, type VerifyContext, verificationSentences } from './verify.ts';

type Loaded = Extract<LoadResult, { ok: true }>;

/** A file, as it is and as it will be. */
interface Change {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly added: readonly string[];
  readonly line: number;
  /** The configuration as it will be. */
  readonly config: Config;
  readonly migrations: Config['migrations'];
}

/** Why nothing is added: sentences for people, and the exit code. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly sentences: readonly string[];
  readonly code: ExitCode;
  constructor(code: ExitCode, ...sentences: readonly string[]) {
    super(sentences.join(' '));
    this.sentences = sentences;
    this.code = code;
  }
}

const ownOptions = new Set(['config', 'add', 'migration', 'project', 'verify', 'print', 'yes']);
const nothing = 'Nothing was written.';
const unchecked = 'Fix this and run again, or add it unchecked with --no-verify.';

/**
 * Adds migrations to an existing configuration file: from options, or from the reply of Atlas on standard input. What is
 * in the file stays as it is.
 */
export async function addMigrations(options: InitOptions, context: VerifyContext): Promise<ExitCode> {
  try {
    const change = await changeOf(options, context);
    if (options.verify) await verify(change, context);
    const { file, before, after, added, line, migrations } = change;
    if (options.print === true) {
      print(after);
      return exitCode.done;
    }
    if ((await files.readText(file)) !== before)
      throw new Refused(exitCode.state, `${file} was changed by somebody else meanwhile. Run this again.`);
    saveFiles([{ path: file, text: after, isSecret: false, replace: true }]);
    say(
      `Added ${migrations.map(({ name }) => name).join(', ')} to ${file}, line ${line}:`,
      ...added.map((each) => `+ ${each}`),
      'A running watcher takes it up by itself within about ten seconds.',
    );
    return exitCode.done;
  } catch (error) {
    if (error instanceof SaveError) {
      say(error.message, nothing);
      return exitCode.state;
    }
    if (!(error instanceof Refused)) throw error;
    say(...error.sentences.map((sentence) => context.redactor.text(sentence)), nothing);
    return error.code;
  }
}

async function changeOf(options: InitOptions, context: VerifyContext): Promise<Change> {
  const foreign = Object.entries(options).filter(
    ([key, value]) => !ownOptions.has(key) && value !== undefined && value !== false,
  );
  if (foreign.length > 0)
    throw new Refused(
      exitCode.usage,
      '--add changes nothing but the list of migrations. Leave the other options out.',
    );
  const file = findConfigFile(options.config, context.env);
  const place = placeProblem(file);
  if (place !== undefined) throw new Refused(exitCode.usage, place);
  let before = '';
  const former = await load(file, context, async () => {
    before = await files.readText(file, patience.start);
    return before;
  });
  const migrations = await wantedMigrations(options, former.config, context);
  const known = migrations.flatMap((migration) => duplicates(migration, former));
  if (known.length > 0) throw new Refused(exitCode.usage, ...known);
  const insertion = insertMigrations(before, migrations);
  if (!insertion.ok)
    throw new Refused(
      exitCode.configuration,
      `${file} cannot be changed by this program, because ${insertion.reason}. Add the migration by hand.`,
    );
  const { text: after, added, line } = insertion;
  const { config } = await load(file, context, () => Promise.resolve(after));
  const keys = new Set(former.config.migrations.map(keyOf));
  const isNew = (migration: Config['migrations'][number]): boolean => !keys.has(keyOf(migration));
  const rest = { ...config, migrations: config.migrations.filter((migration) => !isNew(migration)) };
  const isAdded = config.migrations.length === former.config.migrations.length + migrations.length;
  if (!isAdded || !isDeepStrictEqual(rest, former.config))
    throw new Refused(
      exitCode.configuration,
      `${file} is written in a way that this program cannot add to. Add these lines by hand:`,
      ...added,
    );
  return { file, before, after, added, line, config, migrations: config.migrations.filter(isNew) };
}

async function load(file: string, { env }: VerifyContext, readFile: () => Promise<string>): Promise<Loaded> {
  const readIncluded = (patterns: readonly string[]) =>
    new IncludeReader(file).read(patterns, patience.start);
  const loaded = await loadConfig({ file, env, readFile, readIncluded });
  if (!loaded.ok) throw new Refused(exitCode.configuration, ...loaded.problems);
  return loaded;
}

async function wantedMigrations(
  { add, migration = [], project }: InitOptions,
  config: Config,
  { interrupted }: VerifyContext,
): Promise<readonly DraftMigration[]> {
  const [, name, isInput] = /^(?:(.*)=)?(-)$/s.exec(typeof add === 'string' ? add : '') ?? [];
  const texts = [...(typeof add === 'string' && isInput === undefined ? [add] : []), ...migration];
  const given = texts.map((text, index) => readMigration(text, index + 1));
  const wrong = given.filter((one) => typeof one === 'string');
  if (wrong.length > 0) throw new Refused(exitCode.usage, ...wrong);
  const created = isInput === undefined ? [] : readCreated(await readInput(interrupted));
  if (typeof created === 'string') throw new Refused(exitCode.usage, created);
  if (name !== undefined && created.length > 1)
    throw new Refused(exitCode.usage, 'There are several migrations in standard input. Leave the name out.');
  const ofProject = projectOf(project, config);
  const all = [
    ...given.filter((one) => typeof one !== 'string'),
    ...created.map((one) => withProject(one, name, ofProject)),
  ];
  if (all.length === 0)
    throw new Refused(
      exitCode.usage,
      'Name the migration to add: --add [NAME=]PROJECT_ID/LIVE_MIGRATION_ID, or --add - with the reply of Atlas on standard input.',
    );
  return all;
}

/** Returns the project of a reply that names none: the given one, or that of all other migrations. */
function projectOf(given: string | undefined, { migrations }: Config): string | undefined {
  if (given !== undefined) {
    const pasted = readPasted(given);
    if (pasted.kind === 'id') return pasted.id;
    if (pasted.kind === 'project') return pasted.groupId;
    throw new Refused(exitCode.usage, '--project is not a project id. It has 24 characters, 0-9 and a-f.');
  }
  const projects = new Set(migrations.map(({ groupId }) => groupId));
  return projects.size === 1 ? [...projects][0] : undefined;
}

function withProject(
  { groupId, liveMigrationId }: CreatedMigration,
  name: string | undefined,
  ofProject: string | undefined,
): DraftMigration {
  const project = groupId ?? ofProject;
  if (project === undefined)
    throw new Refused(
      exitCode.usage,
      'The reply of Atlas does not name the project, and the migrations in the file belong to several. Add --project PROJECT_ID.',
    );
  return { ...(name !== undefined && name !== '' && { name }), groupId: project, liveMigrationId };
}

/** Reads standard input until the command is interrupted. */
function readInput(interrupted: AbortSignal): Promise<string> {
  const left = new Promise<never>((_resolve, reject) => {
    interrupted.addEventListener('abort', () => reject(new Interrupted()), { once: true });
  });
  return Promise.race([readAll(process.stdin), left]);
}

/** Returns the text of a stream, and of a long one a little more than a reply can have. */
async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const part of stream) {
    text += String(part);
    if (text.length > longestReply) break;
  }
  return text;
}

function duplicates(
  { name, groupId, liveMigrationId }: DraftMigration,
  { config, origins }: { readonly config: Config; readonly origins: Origins },
): readonly string[] {
  const place = (index: number): string => {
    const origin = origins(['migrations', index, 'liveMigrationId']);
    return origin.kind === 'file' ? `${origin.file}:${origin.line ?? 1}` : 'the configuration';
  };
  const { migrations } = config;
  const twin = migrations.findIndex((other) => keyOf(other) === `${groupId}/${liveMigrationId}`);
  if (twin >= 0)
    return [
      `${groupId}/${liveMigrationId} is watched already, as ${migrations[twin]?.name ?? ''} (${place(twin)}).`,
    ];
  const namesake = migrations.findIndex((other) => other.name === (name ?? liveMigrationId));
  return namesake < 0
    ? []
    : [
        `Another migration is called ${name ?? liveMigrationId} already (${place(namesake)}). Give this one another name: --add NAME=...`,
      ];
}

/** Reads the new migrations from Atlas once, with the credentials of the file. */
async function verify(
  { config, migrations }: Change,
  { redactor, interrupted }: VerifyContext,
): Promise<void> {
  const access = await loadCredentialsOf(config, redactor);
  if (!access.ok) throw new Refused(exitCode.configuration, ...access.problems, unchecked);
  const { credentials } = access;
  const trials = await readEach({ config: { ...config, migrations }, credentials, redactor }, interrupted);
  if (interrupted.aborted) throw new Interrupted();
  say(...access.warnings, ...verificationSentences(trials, redactor));
  const code = roundExitCode(trials.map(({ error }) => error ?? 'read'));
  if (code !== exitCode.done) throw new Refused(code, unchecked);
}
