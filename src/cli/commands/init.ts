import { existsSync } from 'node:fs';
import { findConfigFile } from '../../config/config-file.ts';
import { listenForStop } from '../../daemon/signals.ts';
import { Redactor } from '../../events/redactor.ts';
import { leave } from '../exit.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { addMigrations } from '../init/add.ts';
import { type InitOptions, readArguments } from '../init/arguments.ts';
import { type Draft, draftText } from '../init/draft.ts';
import { askNotifications } from '../init/notification-questions.ts';
import { Interrupted, openTerminal } from '../init/prompt.ts';
import { existsSentence, type FileToSave, placeProblem, SaveError, saveFiles } from '../init/save.ts';
import { leakSentence, loadAccess, loadDraft, type VerifyContext, verifyDraft } from '../init/verify.ts';
import { askDraft, askFile, sentencesOf, settleDraft } from '../init/wizard.ts';
import { programName } from '../program-name.ts';
import { print, say } from '../terminal.ts';

/** The draft to write, undefined for none, and the exit code after that. */
interface Plan {
  readonly draft: Draft | undefined;
  readonly file: string;
  /** Whether an existing file may be replaced. */
  readonly replace: boolean;
  readonly code: ExitCode;
}

const introduction = `This writes a configuration for cutover-watch and reads each migration once to check that it works.
Enter accepts the answer in parentheses. Ctrl-C leaves, and writes nothing.
`;
const needed =
  'There is no terminal, or --yes was given, so everything has to come from options: --migration, and --public-key with --private-key-file or --client-id with --client-secret-file, unless the credentials are in the environment. --no-verify needs no credentials.';

/** Writes a configuration from questions on a terminal, or from options elsewhere, and checks it against Atlas. */
export async function initCommand(options: InitOptions): Promise<ExitCode> {
  const stop = listenForStop(() => leave(exitCode.no));
  const leaving = new AbortController();
  void stop.reason.then(() => leaving.abort());
  const context = { env: process.env, redactor: new Redactor(), interrupted: leaving.signal };
  const isAsking = process.stdin.isTTY && process.stderr.isTTY && options.yes !== true;
  try {
    if (options.add !== undefined) return await addMigrations(options, context);
    const plan = isAsking
      ? await planByAsking(options, context, leaving)
      : await planFromOptions(options, context);
    return finish(plan, options, context);
  } catch (error) {
    if (stop.fault !== undefined) throw stop.fault;
    if (!(error instanceof Interrupted)) throw error;
    // On a terminal, ^C stands on the line.
    say(...(isAsking ? [''] : []), 'Nothing was written.');
    return exitCode.no;
  } finally {
    stop.release();
  }
}

async function planByAsking(
  options: InitOptions,
  context: VerifyContext,
  leaving: AbortController,
): Promise<Plan> {
  const { draft, problems } = readArguments(options, context.env);
  const usual = findConfigFile(options.config, context.env);
  if (problems.length > 0) {
    say(...problems);
    return { draft: undefined, file: usual, replace: false, code: exitCode.usage };
  }
  const prompt = openTerminal(process.stdin, process.stderr, leaving);
  prompt.show(introduction);
  const place = { usual, given: options.config !== undefined, force: options.force === true };
  const file = options.print === true ? usual : await askFile(prompt, place);
  const asked = await askDraft(prompt, draft, file, context);
  const settled = options.verify
    ? await settleDraft(prompt, asked, file, context)
    : { draft: asked, code: exitCode.done };
  if (settled.draft === undefined) return { ...settled, file, replace: true };
  const notified = await askNotifications(prompt, settled.draft, { ...context, file, sends: options.verify });
  return { ...settled, draft: notified, file, replace: true };
}

async function planFromOptions(options: InitOptions, context: VerifyContext): Promise<Plan> {
  const { env, redactor } = context;
  const { draft, problems: wrong } = readArguments(options, env);
  const file = findConfigFile(options.config, env);
  const replace = options.force === true;
  const isTaken = options.print !== true && !replace && existsSync(file);
  const noMigration =
    'No migration is given. Name each with --migration [NAME=]PROJECT_ID/LIVE_MIGRATION_ID.';
  const hasNone = draft.migrations.length === 0 && options.migration === undefined;
  const loaded = draft.migrations.length === 0 ? undefined : await loadDraft(draft, file, env);
  const access = await loadAccess(draft.auth, context);
  const lacksAccess = options.verify && !access.ok;
  const leak = leakSentence(draft, redactor);
  const problems = [
    ...wrong,
    ...(leak === undefined ? [] : [leak]),
    ...(isTaken ? [placeProblem(file) ?? existsSentence(file)] : []),
    ...(hasNone ? [noMigration] : []),
    ...(loaded === undefined || loaded.ok ? [] : loaded.problems),
    ...(lacksAccess && wrong.length === 0 ? access.problems : []),
  ];
  if (problems.length > 0) {
    say(...problems, ...(hasNone || lacksAccess ? [needed] : []));
    return { draft: undefined, file, replace, code: exitCode.usage };
  }
  if (!options.verify) return { draft, file, replace, code: exitCode.done };
  const outcome = await verifyDraft(draft, file, context);
  say(...sentencesOf(outcome, redactor));
  const code = outcome.ok ? outcome.code : exitCode.configuration;
  if (code === exitCode.done) return { draft, file, replace, code };
  say('Fix this and run again, or write the file unchecked with --no-verify.');
  return { draft: undefined, file, replace, code };
}

/** Writes the files of the plan, or reports that nothing was written. */
function finish(
  { draft, file, replace, code }: Plan,
  options: InitOptions,
  { redactor }: VerifyContext,
): ExitCode {
  const leak = draft === undefined ? undefined : leakSentence(draft, redactor);
  if (leak !== undefined) say(leak);
  if (draft === undefined || leak !== undefined) {
    say('Nothing was written.');
    return leak === undefined ? code : exitCode.usage;
  }
  const text = draftText(draft, file);
  const { secretFile, typedSecret } = draft.auth;
  const files: FileToSave[] = [
    ...(secretFile === undefined || typedSecret === undefined
      ? []
      : [{ path: secretFile, text: `${typedSecret}\n`, isSecret: true, replace: true }]),
    ...(draft.notifications?.typed ?? []).map((typed) => ({
      path: typed.path,
      text: `${typed.text}\n`,
      isSecret: true,
      replace: true,
    })),
    ...(options.print === true ? [] : [{ path: file, text, isSecret: false, replace }]),
  ];
  try {
    saveFiles(files);
  } catch (error) {
    if (!(error instanceof SaveError)) throw error;
    say(error.message, 'Nothing was written.');
    return exitCode.state;
  }
  say(...files.map(({ path }) => `Wrote ${path}.`));
  if (options.print === true) print(text);
  else say(`Next, watch until Ctrl-C: ${commandLine(file)}`);
  return code;
}

function commandLine(file: string): string {
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
  return `${programName(process.env)} run -c ${quoted}`;
}
