import { existsSync } from 'node:fs';
import type { Redactor } from '../../events/redactor.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import type { Draft, DraftMigration } from './draft.ts';
import { askMigrations, askOtherIds } from './migration-questions.ts';
import type { Prompt } from './prompt.ts';
import { choose, confirm } from './questions.ts';
import { isFolder } from './save.ts';
import { askSignIn } from './sign-in-questions.ts';
import {
  leakSentence,
  loadDraft,
  type Outcome,
  type VerifyContext,
  verificationSentences,
  verifyDraft,
} from './verify.ts';

/** Asks where to write, until the file is not there or may be replaced. */
export async function askFile(
  prompt: Prompt,
  { usual, given, force }: { readonly usual: string; readonly given: boolean; readonly force: boolean },
): Promise<string> {
  for (let asks = !given; ; asks = true) {
    const file = asks ? await prompt.ask('File to write', usual) : usual;
    if (isFolder(file)) prompt.tell(`${file} is a folder. Name a file in it.`);
    else if (
      force ||
      !existsSync(file) ||
      (await confirm(prompt, `${file} exists already. Replace it?`, false))
    )
      return file;
  }
}

/** Asks for everything that a draft still lacks. */
export async function askDraft(
  prompt: Prompt,
  draft: Draft,
  file: string,
  context: VerifyContext,
): Promise<Draft> {
  const auth = await askSignIn(prompt, draft.auth, file, context);
  const signed = { ...draft, auth };
  if (draft.migrations.length > 0) return signed;
  const findProblems = (migrations: readonly DraftMigration[]) =>
    problemsOf({ ...signed, migrations }, file, context);
  return { ...signed, migrations: await askMigrations(prompt, findProblems) };
}

/**
 * Reads every migration of the draft, and lets the person correct what is wrong, try again, or keep it as it is.
 * Returns what is to be written, undefined for nothing, and the exit code.
 */
export async function settleDraft(
  prompt: Prompt,
  first: Draft,
  file: string,
  context: VerifyContext,
): Promise<{ readonly draft: Draft | undefined; readonly code: ExitCode }> {
  for (let draft = first; ; ) {
    const count = draft.migrations.length;
    prompt.tell(`Reading ${count} ${count === 1 ? 'migration' : 'migrations'} from Atlas ...`);
    const outcome = await verifyDraft(draft, file, context);
    prompt.tell(...sentencesOf(outcome, context.redactor));
    const code = outcome.ok ? outcome.code : exitCode.configuration;
    if (code === exitCode.done) return { draft, code };
    const next = await choose(
      prompt,
      'What now?',
      {
        correct: 'give other credentials or ids',
        again: 'read once more, when something was mended in Atlas or on this machine',
        keep: 'write it as it is',
        quit: 'write nothing',
      },
      'correct',
    );
    if (next === 'keep') return { draft, code };
    if (next === 'quit') return { draft: undefined, code };
    if (next === 'correct') draft = await correct(prompt, draft, outcome, file, context);
  }
}

/** Returns what to say of an outcome, a sentence each. */
export function sentencesOf(outcome: Outcome, redactor: Redactor): readonly string[] {
  if (!outcome.ok) return outcome.problems.map((problem) => redactor.text(problem));
  return [...outcome.warnings, ...verificationSentences(outcome.trials, redactor)];
}

async function correct(
  prompt: Prompt,
  draft: Draft,
  outcome: Outcome,
  file: string,
  context: VerifyContext,
): Promise<Draft> {
  const failed = outcome.ok
    ? outcome.trials.flatMap(({ target, result }) => (result.ok ? [] : [{ target, error: result.error }]))
    : [];
  // A wrong key and ids of another organisation get the same answer.
  const refused = failed.filter(({ error }) => error.kind === 'unauthorized');
  const suspects = !outcome.ok || refused.length === draft.migrations.length;
  const signsInAnew = await confirm(prompt, 'Give other credentials?', suspects);
  let corrected = signsInAnew
    ? { ...draft, auth: await askSignIn(prompt, { type: draft.auth.type }, file, context) }
    : draft;
  if (signsInAnew && refused.length === failed.length) return corrected;
  for (const { target } of failed) {
    const { migrations } = corrected;
    const index = migrations.findIndex(({ liveMigrationId }) => liveMigrationId === target.liveMigrationId);
    const former = migrations[index];
    if (former === undefined) continue;
    const withOther = (other: DraftMigration): Draft => ({
      ...corrected,
      migrations: migrations.with(index, other),
    });
    const other = await askOtherIds(prompt, former, (next) => problemsOf(withOther(next), file, context));
    corrected = withOther(other);
  }
  return corrected;
}

async function problemsOf(
  draft: Draft,
  file: string,
  { env, redactor }: VerifyContext,
): Promise<readonly string[]> {
  const loaded = await loadDraft(draft, file, env);
  const leak = leakSentence(draft, redactor);
  return [...(loaded.ok ? [] : loaded.problems), ...(leak === undefined ? [] : [leak])];
}
