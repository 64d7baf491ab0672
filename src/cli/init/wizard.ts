import { existsSync } from 'node:fs';
import type { Redactor } from '../../events/redactor.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import type { Draft, DraftMigration } from './draft.ts';
import { askMigrations, askOtherIds } from './migration-questions.ts';
import type { Prompt } from './prompt.ts';
import { placeProblem } from './save.ts';
import { askSignIn } from './sign-in-questions.ts';
import {
  leakSentence,
  loadDraft,
  type Outcome,
  type VerifyContext,
  verificationSentences,
  verifyDraft,
} from './verify.ts';

/** Asks where to write, until the file does not exist or may be replaced. */
export async function askFile(
  prompt: Prompt,
  { usual, given, force }: { readonly usual: string; readonly given: boolean; readonly force: boolean },
): Promise<string> {
  for (let asks = !given; ; asks = true) {
    const file = asks ? await prompt.ask('File to write', usual) : usual;
    const problem = placeProblem(file);
    if (problem !== undefined) prompt.show(problem);
    else if (
      force ||
      !existsSync(file) ||
      (await prompt.confirm(`${file} already exists. Replace it?`, false))
    )
      return file;
  }
}

/** Asks for everything that is missing in a draft. */
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
 * Reads every migration of the draft, and lets the person correct what is wrong, read again, or keep it.
 * Returns the draft to write, undefined for none, and the exit code.
 */
export async function settleDraft(
  prompt: Prompt,
  first: Draft,
  file: string,
  context: VerifyContext,
): Promise<{ readonly draft: Draft | undefined; readonly code: ExitCode }> {
  for (let draft = first; ; ) {
    const count = draft.migrations.length;
    prompt.show(`Reading ${count} ${count === 1 ? 'migration' : 'migrations'} from Atlas ...`);
    const outcome = await verifyDraft(draft, file, context);
    prompt.show(...sentencesOf(outcome, context.redactor));
    const code = outcome.ok ? outcome.code : exitCode.configuration;
    if (code === exitCode.done) return { draft, code };
    const next = await prompt.choose(
      'What now?',
      {
        correct: 'enter other credentials or ids',
        retry: 'read again, after fixing something in Atlas or here',
        keep: 'write the file as it is',
        quit: 'write nothing',
      },
      'correct',
    );
    if (next === 'keep') return { draft, code };
    if (next === 'quit') return { draft: undefined, code };
    if (next === 'correct') draft = await correct(prompt, { draft, outcome, file, context });
  }
}

/** Returns the sentences that describe an outcome. */
export function sentencesOf(outcome: Outcome, redactor: Redactor): readonly string[] {
  if (!outcome.ok) return outcome.problems.map((problem) => redactor.text(problem));
  return [...outcome.warnings, ...verificationSentences(outcome.trials, redactor)];
}

interface Correction {
  readonly draft: Draft;
  readonly outcome: Outcome;
  readonly file: string;
  readonly context: VerifyContext;
}

/** Asks for other credentials and for other ids of the migrations that failed. Returns the corrected draft. */
async function correct(prompt: Prompt, { draft, outcome, file, context }: Correction): Promise<Draft> {
  const failed = outcome.ok
    ? outcome.trials.flatMap(({ target, error }) => (error === undefined ? [] : [{ target, error }]))
    : [];
  // Atlas gives the same answer to a wrong key and to ids of another organization.
  const refused = failed.filter(({ error }) => error.kind === 'unauthorized');
  const suspects = !outcome.ok || refused.length === draft.migrations.length;
  const changesSignIn = await prompt.confirm('Enter other credentials?', suspects);
  let corrected = changesSignIn
    ? { ...draft, auth: await askSignIn(prompt, { type: draft.auth.type }, file, context, draft.auth) }
    : draft;
  if (changesSignIn && refused.length === failed.length) return corrected;
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
