import { readFile, stat } from 'node:fs/promises';
import { cleanText } from '../../atlas/clean-text.ts';
import type { PollResult } from '../../atlas/client.ts';
import {
  CREDENTIAL_PARTS,
  type CredentialsResult,
  loadCredentials,
  secretsOf,
} from '../../config/credentials.ts';
import type { Environment } from '../../config/interpolate.ts';
import { type LoadResult, loadConfig } from '../../config/load.ts';
import { proxySecrets } from '../../config/proxy.ts';
import { isPrivateKeyShape, isServiceAccountSecretShape } from '../../config/secret-shapes.ts';
import { formatSpan } from '../../events/format.ts';
import type { Redactor } from '../../events/redactor.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type ExitCode, roundExitCode } from '../exit-code.ts';
import { openPolling, type PollingSettings } from '../polling.ts';
import { authSection, type Draft, type DraftAuth, draftText } from './draft.ts';
import { Interrupted } from './prompt.ts';

/** Where a draft is tried. */
export interface VerifyContext {
  readonly env: Environment;
  readonly redactor: Redactor;
  readonly interrupted: AbortSignal;
}

/** What Atlas says of one migration of a draft. */
interface Verification {
  readonly target: Target;
  readonly result: PollResult;
}

/** Somebody waits for the answer, so a fault is not tried at length. */
const attempts = 2;
const maxSentence = 1_000;

/** Reads the draft as the program will read its file, without the credentials. */
export function loadDraft(draft: Draft, file: string, env: Environment): Promise<LoadResult> {
  return loadConfig({
    file,
    env,
    readFile: () => Promise.resolve(draftText(draft, file)),
  });
}

/** Finds the credentials of a draft as the program will. Secrets are registered with the redactor. */
export async function loadAccess(
  auth: DraftAuth,
  { env, redactor }: VerifyContext,
): Promise<CredentialsResult> {
  const { secretFile, typedSecret } = auth;
  const isTyped = (path: string): boolean => typedSecret !== undefined && path === secretFile;
  const access = await loadCredentials(authSection(auth), {
    env,
    readFile: async (path) => (isTyped(path) ? (typedSecret ?? '') : readFile(path, 'utf8')),
    stat: async (path) => (isTyped(path) ? { mode: 0o600 } : stat(path)),
  });
  if (access.ok) for (const secret of secretsOf(access.credentials)) redactor.register(secret);
  return access;
}

/** What a draft comes to: what Atlas says of its migrations, or what is wrong with it before Atlas can be asked. */
export type Outcome =
  | {
      readonly ok: true;
      readonly trials: readonly Verification[];
      readonly warnings: readonly string[];
      readonly code: ExitCode;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Loads a draft with its credentials, and reads each of its migrations once. */
export async function verifyDraft(draft: Draft, file: string, context: VerifyContext): Promise<Outcome> {
  const { env, redactor, interrupted } = context;
  const [loaded, access] = await Promise.all([loadDraft(draft, file, env), loadAccess(draft.auth, context)]);
  if (!loaded.ok || !access.ok)
    return { ok: false, problems: [loaded, access].flatMap((part) => (part.ok ? [] : part.problems)) };
  const { config } = loaded;
  const trials = await readEach({ config, redactor, credentials: access.credentials }, interrupted);
  if (interrupted.aborted) throw new Interrupted();
  const code = roundExitCode(trials.map(({ result }) => (result.ok ? 'read' : result.error)));
  return { ok: true, trials, warnings: access.warnings, code };
}

/** Returns a sentence where an answer holds a secret, or what looks like one in place of a key that may be shown. */
export function leakSentence({ auth, ...answers }: Draft, redactor: Redactor): string | undefined {
  const { identity = '' } = auth;
  if (isPrivateKeyShape(identity) || isServiceAccountSecretShape(identity))
    return `The ${CREDENTIAL_PARTS[auth.type].identity.name} looks like a secret, which must not stand in the file. Swap the two if they are mixed up.`;
  const text = JSON.stringify({ ...answers, auth: authSection(auth) });
  if (redactor.text(text) === text) return undefined;
  return 'One of the answers, such as a name or a label, holds the secret itself, which must not stand in the file. Give another.';
}

/** Reads each migration of these settings once, and stops early, with those that were read, when the signal says so. */
async function readEach(settings: PollingSettings, signal: AbortSignal): Promise<readonly Verification[]> {
  const trials: Verification[] = [];
  const { config, redactor } = settings;
  for (const secret of proxySecrets(config.proxy)) redactor.register(secret);
  // A refusal must not be answered with what lies in the file of a secret now, in whose place a typed one will be.
  const atlas = { ...config.atlas, auth: { type: config.atlas.auth.type } };
  const brief = { ...settings, config: { ...config, atlas, retry: { ...config.retry, attempts } } };
  const polling = openPolling(brief, (target, result) => void trials.push({ target, result }));
  const polls = Promise.all(config.migrations.map((target) => polling.queue.add(target, 0)));
  polling.queue.pump();
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stop(), { once: true });
  if (signal.aborted) stop();
  await Promise.race([polls, stopped]);
  await polling.close();
  const { migrations } = config;
  return trials.toSorted((one, other) => migrations.indexOf(one.target) - migrations.indexOf(other.target));
}

/** Returns a sentence for each migration, and one for all that failed in the same way, with the remedy. */
export function verificationSentences(
  trials: readonly Verification[],
  redactor: Redactor,
): readonly string[] {
  const names = Map.groupBy(trials, ({ result }) => sentenceOf(result));
  return [...names].flatMap(([sentence, alike]) => {
    const subjects = alike.map(({ target }) => target.name);
    const all = alike[0]?.result.ok === true ? subjects : [subjects.join(', ')];
    return all.map((subject) => cleanText(redactor.text(`${subject}: ${sentence}`), maxSentence));
  });
}

function sentenceOf(result: PollResult): string {
  if (!result.ok) return `${result.error.detail} ${result.error.remedy}`;
  const { status, readyForCutover, lagTimeSeconds } = result.reading;
  const readiness = readyForCutover === true ? ', ready for cutover' : ', not ready for cutover';
  const lag = lagTimeSeconds === undefined ? '' : `, ${formatSpan(lagTimeSeconds)} behind`;
  return `${status ?? 'no status'}${readyForCutover === undefined ? '' : readiness}${lag}.`;
}
