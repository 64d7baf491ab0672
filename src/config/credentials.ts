import { join } from 'node:path';
import type { Environment } from './interpolate.ts';
import type { Config } from './schema.ts';
import { isPrivateKeyShape } from './secret-shapes.ts';

/** An Atlas API key: user name and password of the HTTP digest. */
type Credentials = { readonly publicKey: string; readonly privateKey: string };

/** The API key and where its halves came from, or everything wrong with it; no sentence holds a secret. */
export type CredentialsResult =
  | {
      readonly ok: true;
      readonly credentials: Credentials;
      /** For people: `$MONGODB_ATLAS_PRIVATE_API_KEY`, `atlas.auth.privateKeyFile`. */
      readonly sources: { readonly publicKey: string; readonly privateKey: string };
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

export type CredentialEffects = {
  readonly env: Environment;
  /** Returns the text of a file; rejects with a `code` as node:fs does. */
  readonly readFile: (path: string) => Promise<string>;
  /** Returns the mode of a file; rejects with a `code` as node:fs does. */
  readonly stat: (path: string) => Promise<{ readonly mode: number }>;
};

type Source = { readonly label: string } & ({ readonly text: string } | { readonly path: string });
type Half = { readonly text: string; readonly label: string; readonly warnings: readonly string[] };
type HalfResult = ({ readonly ok: true } & Half) | { readonly ok: false; readonly problem: string };
type HalfName = {
  readonly name: 'public key' | 'private key';
  readonly systemd: string;
  readonly variable: string;
  readonly key: 'publicKey' | 'privateKeyFile';
};

const PUBLIC: HalfName = {
  name: 'public key',
  systemd: 'atlas-public-key',
  variable: 'MONGODB_ATLAS_PUBLIC_API_KEY',
  key: 'publicKey',
};
const PRIVATE: HalfName = {
  name: 'private key',
  systemd: 'atlas-private-key',
  variable: 'MONGODB_ATLAS_PRIVATE_API_KEY',
  key: 'privateKeyFile',
};

/**
 * Finds both halves of the API key: in $CREDENTIALS_DIRECTORY (systemd), in the environment variables the Atlas CLI
 * uses or the files they name with `_FILE`, or through the configuration. Two sources for the same half are refused.
 * Reads files anew each time, so call it again on a reload or a refusal. Never rejects.
 */
export async function loadCredentials(
  auth: Config['atlas']['auth'],
  effects: CredentialEffects,
): Promise<CredentialsResult> {
  const [publicHalf, privateHalf] = await Promise.all([
    loadHalf(PUBLIC, auth.publicKey === undefined ? undefined : { text: auth.publicKey }, effects),
    loadHalf(PRIVATE, auth.privateKeyFile === undefined ? undefined : { path: auth.privateKeyFile }, effects),
  ]);
  if (!publicHalf.ok || !privateHalf.ok) {
    const problems = [publicHalf, privateHalf].flatMap((half) => (half.ok ? [] : [half.problem]));
    return { ok: false, problems };
  }
  if (isPrivateKeyShape(publicHalf.text)) {
    const problem = `The public key (${publicHalf.label}) looks like a private key. Swap the two if they are mixed up, and replace the private key if it was shown to anybody.`;
    return { ok: false, problems: [problem] };
  }
  return {
    ok: true,
    credentials: { publicKey: publicHalf.text, privateKey: privateHalf.text },
    sources: { publicKey: publicHalf.label, privateKey: privateHalf.label },
    warnings: privateHalf.warnings,
  };
}

async function loadHalf(
  half: HalfName,
  configured: { readonly text: string } | { readonly path: string } | undefined,
  effects: CredentialEffects,
): Promise<HalfResult> {
  const { env } = effects;
  const directory = env.CREDENTIALS_DIRECTORY;
  const file = env[`${half.variable}_FILE`];
  const text = env[half.variable];
  const credential = directory ? join(directory, half.systemd) : undefined;
  const sources: readonly Source[] = [
    ...(credential !== undefined && (await exists(credential, effects))
      ? [{ label: `$CREDENTIALS_DIRECTORY/${half.systemd}`, path: credential }]
      : []),
    ...(file ? [{ label: `$${half.variable}_FILE`, path: file }] : []),
    ...(text ? [{ label: `$${half.variable}`, text }] : []),
    ...(configured === undefined ? [] : [{ label: `atlas.auth.${half.key}`, ...configured }]),
  ];
  const [source, second] = sources;
  if (source === undefined) return { ok: false, problem: describeMissing(half) };
  if (second !== undefined) {
    const labels = sources.map(({ label }) => label);
    const listed = `${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`;
    return {
      ok: false,
      problem: `The ${half.name} is given more than once, by ${listed}. Keep one of them.`,
    };
  }
  return readHalf(half, source, effects);
}

async function exists(path: string, { stat }: CredentialEffects): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => !['ENOENT', 'ENOTDIR'].includes(codeOf(error)),
  );
}

function describeMissing({ name, variable, key }: HalfName): string {
  const inConfig =
    key === 'publicKey' ? 'write it as atlas.auth.publicKey' : 'name its file as atlas.auth.privateKeyFile';
  return `The ${name} of the Atlas API key is missing. Set ${variable} or ${variable}_FILE, or ${inConfig}.`;
}

async function readHalf(half: HalfName, source: Source, effects: CredentialEffects): Promise<HalfResult> {
  if ('text' in source) return checkText(half, source.label, source.text, []);
  const place = `${source.label} (${source.path})`;
  try {
    const [text, { mode }] = await Promise.all([effects.readFile(source.path), effects.stat(source.path)]);
    const open = half === PRIVATE && (mode & 0o007) !== 0;
    const warning = `The file of the private key, ${place}, is open to every user of this machine. Close it with chmod o-rwx ${source.path}`;
    return checkText(half, source.label, text, open ? [warning] : []);
  } catch (error) {
    return { ok: false, problem: `The file of the ${half.name}, ${place}, ${describeReadError(error)}` };
  }
}

function checkText(half: HalfName, label: string, text: string, warnings: readonly string[]): HalfResult {
  const key = text.replace(/\r?\n$/, '');
  if (key === '') {
    return {
      ok: false,
      problem: `The ${half.name} (${label}) is empty. Put the key there, or remove the source.`,
    };
  }
  if (/[\s\p{Cc}]/u.test(key)) {
    const problem = `The ${half.name} (${label}) holds a space, a line break or a control character. Put the key there alone, on one line.`;
    return { ok: false, problem };
  }
  return { ok: true, text: key, label, warnings };
}

function describeReadError(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist. Create it, or name another.';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user. Give this user, and nobody else, read access to it.';
    case 'EISDIR':
      return 'is a directory. Name the file in it.';
    default:
      return `cannot be read (${codeOf(error) || 'unknown reason'}). Name another.`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
