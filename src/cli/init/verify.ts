import type { AtlasError } from '../../atlas/atlas-error.ts';
import { cleanText } from '../../atlas/clean-text.ts';
import {
  CREDENTIAL_PARTS,
  type CredentialsResult,
  loadCredentials,
  secretsOf,
} from '../../config/credentials.ts';
import type { Environment } from '../../config/interpolate.ts';
import { type LoadResult, loadConfig } from '../../config/load.ts';
import { noNotifications } from '../../config/notification-secrets.ts';
import { isPrivateKeyShape, isServiceAccountSecretShape } from '../../config/secret-shapes.ts';
import { memory } from '../../config/state-settings.ts';
import { files } from '../../daemon/read-file.ts';
import type { SessionSettings } from '../../daemon/session.ts';
import { registerSecretsIn } from '../../daemon/settings.ts';
import { formatSpan } from '../../events/format.ts';
import type { Redactor } from '../../events/redactor.ts';
import type { Observation } from '../../state/migration-state.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type ExitCode, roundExitCode } from '../exit-code.ts';
import { faultSentences } from '../fault-sentences.ts';
import { openOneShot } from '../one-shot.ts';
import { authSection, type Draft, type DraftAuth, draftText } from './draft.ts';
import { Interrupted } from './prompt.ts';

/** What verifying a draft needs. */
export interface VerifyContext {
  readonly env: Environment;
  readonly redactor: Redactor;
  readonly interrupted: AbortSignal;
}

/** The reply of Atlas for one migration of a draft. */
interface Verification {
  readonly target: Target;
  readonly reading?: Omit<Observation, 'observedAt'>;
  readonly error?: AtlasError;
}

/** A person waits for the answer, so retries are few. */
const attempts = 2;
const maxSentence = 1_000;

/** Loads the draft as the program will load its file, without the credentials. */
export function loadDraft(draft: Draft, file: string, env: Environment): Promise<LoadResult> {
  return loadConfig({
    file,
    env,
    readFile: () => Promise.resolve(draftText(draft, file)),
  });
}

/** Loads the credentials of a draft as the program will. Secrets are registered with the redactor. */
export async function loadAccess(
  auth: DraftAuth,
  { env, redactor }: VerifyContext,
): Promise<CredentialsResult> {
  const { secretFile, typedSecret } = auth;
  const isTyped = (path: string): boolean => typedSecret !== undefined && path === secretFile;
  const access = await loadCredentials(authSection(auth), {
    env,
    readFile: async (path) => (isTyped(path) ? (typedSecret ?? '') : files.readText(path)),
    stat: async (path) => (isTyped(path) ? { mode: 0o600 } : files.stat(path)),
  });
  if (access.ok) for (const secret of secretsOf(access.credentials)) redactor.register(secret);
  return access;
}

/** The result of a verification: the replies of Atlas, or the problems that prevent a request. */
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
  const code = roundExitCode(trials.map(({ error }) => error ?? 'read'));
  return { ok: true, trials, warnings: access.warnings, code };
}

/** Returns a sentence if an answer contains a secret, or if the public part looks like one. */
export function leakSentence(
  { auth, notifications, ...answers }: Draft,
  redactor: Redactor,
): string | undefined {
  const { identity = '' } = auth;
  if (isPrivateKeyShape(identity) || isServiceAccountSecretShape(identity))
    return `The ${CREDENTIAL_PARTS[auth.type].identity.name} looks like a secret, which must not be in the file. Swap the two if they are mixed up.`;
  const shown = [notifications?.receiver, notifications?.ping];
  const text = JSON.stringify({ ...answers, auth: authSection(auth), notifications: shown });
  if (redactor.text(text) === text) return undefined;
  return 'One of the answers, such as a name or a label, contains the secret itself, which must not be in the file. Give another answer.';
}

/** Reads each migration of these settings once. When the signal aborts, returns those that were read so far. */
export async function readEach(
  {
    config,
    credentials,
    redactor,
  }: Omit<SessionSettings, 'notifications' | 'state'> & { readonly redactor: Redactor },
  signal: AbortSignal,
): Promise<readonly Verification[]> {
  registerSecretsIn(config, redactor);
  const settings = {
    config: { ...config, retry: { ...config.retry, attempts } },
    credentials,
    notifications: noNotifications,
    state: memory,
  };
  const fault = Promise.withResolvers<never>();
  // Credentials are not loaded again after a refusal: the secret file may hold an old secret, which the typed one will
  // replace.
  const oneShot = await openOneShot({ settings, redactor, onFault: fault.reject });
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stop(), { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([oneShot.firstRound(), stopped, fault.promise]);
  } finally {
    await oneShot.close();
  }
  return oneShot.snapshots.flatMap(({ target, latest, state }) => {
    if (latest === undefined) return [];
    return [latest === 'read' ? { target, reading: state?.observation ?? {} } : { target, error: latest }];
  });
}

/** Returns a sentence for each migration, and one for all that failed in the same way, with the remedy. */
export function verificationSentences(
  trials: readonly Verification[],
  redactor: Redactor,
): readonly string[] {
  const unread = trials.flatMap(({ target, error }) =>
    error === undefined ? [] : [{ name: target.name, error }],
  );
  const read = trials.filter(({ error }) => error === undefined);
  const sentences = [...read.map(readSentence), ...faultSentences(unread, trials.length)];
  return sentences.map((sentence) => cleanText(redactor.text(sentence), maxSentence));
}

function readSentence({ target, reading }: Verification): string {
  const { status, readyForCutover, lagTimeSeconds } = reading ?? {};
  const readiness = readyForCutover === true ? ', ready for cutover' : ', not ready for cutover';
  const lag = lagTimeSeconds === undefined ? '' : `, ${formatSpan(lagTimeSeconds)} behind`;
  return `${target.name}: ${status ?? 'no status'}${readyForCutover === undefined ? '' : readiness}${lag}.`;
}
