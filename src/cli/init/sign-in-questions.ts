import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type CredentialPart, loadPart } from '../../config/credential-part.ts';
import { credentialFault } from '../../config/credential-text.ts';
import { CREDENTIAL_PARTS } from '../../config/credentials.ts';
import type { Environment } from '../../config/interpolate.ts';
import { isPrivateKeyShape, isServiceAccountSecretShape } from '../../config/secret-shapes.ts';
import { files } from '../../daemon/read-file.ts';
import { absolutePath, secretAsPath } from './arguments.ts';
import type { DraftAuth } from './draft.ts';
import type { Prompt } from './prompt.ts';
import { placeProblem } from './save.ts';
import { loadAccess, type VerifyContext } from './verify.ts';

type Secret = Pick<DraftAuth, 'secretFile' | 'typedSecret'>;

/**
 * Asks how to sign in, as far as options and environment leave it open, until the credentials can be found. Without a
 * home directory, a secret is kept next to `file`, the configuration. `former` answers are offered again.
 */
export async function askSignIn(
  prompt: Prompt,
  given: DraftAuth,
  file: string,
  context: VerifyContext,
  former: DraftAuth = given,
): Promise<DraftAuth> {
  let [known, usual] = [given, former];
  for (;;) {
    const auth = await askOnce(prompt, known, usual, file, context);
    const access = await loadAccess(auth, context);
    if (access.ok) return auth;
    prompt.show(...access.problems);
    if (await prompt.confirm('Use it anyway?', false)) return auth;
    // The identity was checked when it was given, so that the secret is what is wrong.
    known = { type: auth.type, identity: auth.identity };
    usual = auth;
  }
}

async function askOnce(
  prompt: Prompt,
  known: DraftAuth,
  former: DraftAuth,
  file: string,
  context: VerifyContext,
): Promise<DraftAuth> {
  const isGiven = known.identity !== undefined || known.secretFile !== undefined;
  const type = isGiven ? known.type : await askType(prompt, known.type);
  const { identity, secret } = CREDENTIAL_PARTS[type];
  const hasIdentity = known.identity !== undefined || (await isInEnvironment(prompt, identity, context.env));
  const usual: DraftAuth = type === former.type ? former : { type };
  const identityText = hasIdentity
    ? known.identity
    : await askIdentity(prompt, identity, usual.identity, context);
  const hasSecret = known.secretFile !== undefined || (await isInEnvironment(prompt, secret, context.env));
  const rest = hasSecret ? known : await askSecret(prompt, secret, usual, file, context);
  return { type, identity: identityText, secretFile: rest.secretFile, typedSecret: rest.typedSecret };
}

/** Asks until the answer may be a public key or client id. */
async function askIdentity(
  prompt: Prompt,
  part: CredentialPart,
  usual: string | undefined,
  { redactor }: VerifyContext,
): Promise<string> {
  for (;;) {
    const answer = await prompt.ask(capital(part.name), usual);
    if (isPrivateKeyShape(answer) || isServiceAccountSecretShape(answer)) {
      redactor.register(answer);
      prompt.show(
        `This looks like the secret, which is asked for next and not shown. Give the ${part.name} first.`,
      );
      continue;
    }
    const fault = credentialFault(answer, part);
    if (fault === undefined) return answer;
    prompt.show(answer === '' ? `Give the ${part.name}. Ctrl-C leaves.` : `The ${part.name} ${fault}`);
  }
}

async function askType(prompt: Prompt, usual: DraftAuth['type']): Promise<DraftAuth['type']> {
  const word = await prompt.choose(
    'Sign in with',
    {
      key: 'an Atlas API key: a public and a private key',
      account: 'a service account: a client id and a client secret',
    },
    usual === 'apiKey' ? 'key' : 'account',
  );
  return word === 'key' ? 'apiKey' : 'serviceAccount';
}

async function isInEnvironment(prompt: Prompt, part: CredentialPart, env: Environment): Promise<boolean> {
  const found = await loadPart(part, undefined, { env, readFile: files.readText, stat: files.stat });
  if (found.ok) prompt.show(`The ${part.name} comes from ${found.label}.`);
  return found.ok;
}

/** A secret is asked for first, hidden: a person who has just copied it pastes it at the next question there is. */
async function askSecret(
  prompt: Prompt,
  part: CredentialPart,
  former: DraftAuth,
  file: string,
  context: VerifyContext,
): Promise<Secret> {
  const { name, variable } = part;
  for (;;) {
    const typedSecret = await prompt.askSecretly(`${capital(name)} (not shown, or Enter for other ways)`);
    if (typedSecret !== '') {
      context.redactor.register(typedSecret);
      return { typedSecret, secretFile: await askNewFile(prompt, part, file, context.env) };
    }
    const source = await prompt.choose(
      `The ${name} comes from`,
      {
        file: 'a file that contains it',
        environment: `the variable ${variable}, which must be set whenever cutover-watch runs`,
        typing: 'your typing after all, saved to a separate file that only you can read',
      },
      'file',
    );
    if (source === 'environment') return {};
    if (source === 'typing') continue;
    const usual = former.typedSecret === undefined ? former.secretFile : undefined;
    return { secretFile: await askPath(prompt, `File that contains the ${name}`, context.env, usual) };
  }
}

/** Asks for the path of a file for a typed secret. One that exists is replaced only on request. */
export async function askNewFile(
  prompt: Prompt,
  part: { readonly name: string; readonly systemd: string },
  file: string,
  env: Environment,
): Promise<string> {
  for (;;) {
    const usual = join(secretFolder(env, file), part.systemd);
    const path = await askPath(prompt, `File to keep the ${part.name} in`, env, usual);
    const problem = placeProblem(path);
    if (problem !== undefined) prompt.show(problem);
    else if (!existsSync(path) || (await prompt.confirm(`${path} already exists. Replace it?`, false)))
      return path;
  }
}

async function askPath(prompt: Prompt, question: string, env: Environment, usual?: string): Promise<string> {
  for (;;) {
    const answer = await prompt.ask(question, usual);
    const problems = answer === '' ? ['Give the path of a file.'] : secretAsPath(answer);
    if (problems.length === 0) return absolutePath(answer, env);
    prompt.show(...problems);
  }
}

/** Outside the folder of the configuration, which may be copied or kept in version control. */
function secretFolder(env: Environment, file: string): string {
  const configHome = env.XDG_CONFIG_HOME ?? '';
  if (isAbsolute(configHome)) return join(configHome, 'cutover-watch');
  return env.HOME ? join(env.HOME, '.config', 'cutover-watch') : dirname(resolve(file));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
