import { join } from 'node:path';
import { credentialFault, shownPath } from './credential-text.ts';
import type { Environment } from './interpolate.ts';
import { UnreadableFile } from './unreadable-file.ts';

export type CredentialEffects = {
  readonly env: Environment;
  /** Returns the text of a file; rejects with a `code` as node:fs does. */
  readonly readFile: (path: string) => Promise<string>;
  /** Returns the mode of a file; rejects with a `code` as node:fs does. */
  readonly stat: (path: string) => Promise<{ readonly mode: number }>;
};

/** One of the two texts that make a credential, and the places it may come from. */
export type CredentialPart = {
  readonly name: 'public key' | 'private key' | 'client id' | 'client secret';
  readonly of: 'Atlas API key' | 'service account';
  readonly isSecret: boolean;
  /** Its file in $CREDENTIALS_DIRECTORY. */
  readonly systemd: string;
  /** The variable that holds it; with `_FILE` behind, the one that names its file. */
  readonly variable: string;
  /** Its key under `atlas.auth`: for a secret the path of its file, else the text itself. */
  readonly key: string;
};

/** The text of a part and its source, or a problem in words that contain no secret. */
export type PartResult =
  | {
      readonly ok: true;
      readonly text: string;
      readonly label: string;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

type Source = { readonly label: string } & ({ readonly text: string } | { readonly path: string });

/** Loads one part of a credential from its only source; `configured` is the value in the configuration. */
export async function loadPart(
  part: CredentialPart,
  configured: string | undefined,
  effects: CredentialEffects,
): Promise<PartResult> {
  const sources = await findSources(part, configured, effects);
  const [source, second] = sources;
  if (source === undefined) return { ok: false, problem: describeMissing(part) };
  if (second !== undefined) {
    const labels = sources.map(({ label }) => label);
    const listed = `${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`;
    const problem = `The ${part.name} is given more than once, by ${listed}. Keep one of them.`;
    return { ok: false, problem };
  }
  return readPart(part, source, effects);
}

async function findSources(
  part: CredentialPart,
  configured: string | undefined,
  effects: CredentialEffects,
): Promise<readonly Source[]> {
  const { CREDENTIALS_DIRECTORY: directory, ...env } = effects.env;
  const file = env[`${part.variable}_FILE`];
  const text = env[part.variable];
  const credential = directory ? join(directory, part.systemd) : undefined;
  const given = part.isSecret ? { path: configured ?? '' } : { text: configured ?? '' };
  return [
    ...(credential !== undefined && (await exists(credential, effects))
      ? [{ label: `$CREDENTIALS_DIRECTORY/${part.systemd}`, path: credential }]
      : []),
    ...(file ? [{ label: `$${part.variable}_FILE`, path: file }] : []),
    ...(text ? [{ label: `$${part.variable}`, text }] : []),
    ...(configured === undefined ? [] : [{ label: `atlas.auth.${part.key}`, ...given }]),
  ];
}

async function exists(path: string, { stat }: CredentialEffects): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => !['ENOENT', 'ENOTDIR'].includes(codeOf(error)),
  );
}

function describeMissing({ name, of, isSecret, variable, key }: CredentialPart): string {
  const inConfig = isSecret ? `name its file as atlas.auth.${key}` : `write it as atlas.auth.${key}`;
  return `The ${name} of the ${of} is missing. Set ${variable} or ${variable}_FILE, or ${inConfig}.`;
}

async function readPart(
  part: CredentialPart,
  source: Source,
  effects: CredentialEffects,
): Promise<PartResult> {
  if ('text' in source) return checkText(part, source.label, source.text, []);
  const place = `${source.label} (${shownPath(source.path)})`;
  try {
    const [text, { mode }] = await Promise.all([effects.readFile(source.path), effects.stat(source.path)]);
    const open = part.isSecret && (mode & 0o007) !== 0;
    const warning = `The file of the ${part.name}, ${place}, is open to every user of this machine. Close it with chmod o-rwx ${source.path}`;
    return checkText(part, source.label, text, open ? [warning] : []);
  } catch (error) {
    return { ok: false, problem: `The file of the ${part.name}, ${place}, ${describeReadError(error)}` };
  }
}

function checkText(
  part: CredentialPart,
  label: string,
  text: string,
  warnings: readonly string[],
): PartResult {
  // Editors on Windows write a byte order mark.
  const key = text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  const fault = credentialFault(key, part);
  return fault === undefined
    ? { ok: true, text: key, label, warnings }
    : { ok: false, problem: `The ${part.name} (${label}) ${fault}` };
}

function describeReadError(error: unknown): string {
  if (error instanceof UnreadableFile) return error.message;
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist. Create it, or name another.';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read by this user. Give read access to this user only.';
    case 'EISDIR':
      return 'is a directory. Name the file in it.';
    default:
      return `cannot be read (${codeOf(error) || 'unknown reason'}). Name another.`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
