import { join } from 'node:path';
import type { Environment } from './interpolate.ts';
import { thisUser } from './this-user.ts';
import { UnreadableFile } from './unreadable-file.ts';

export type CredentialEffects = {
  readonly env: Environment;
  /** Returns the text of a file; rejects with a `code` as node:fs does. */
  readonly readFile: (path: string) => Promise<string>;
  /** Returns the mode of a file; rejects with a `code` as node:fs does. */
  readonly stat: (path: string) => Promise<{ readonly mode: number }>;
};

/** A place that a text comes from, and its name for people. */
export type TextSource = { readonly label: string } & ({ readonly text: string } | { readonly path: string });

/** A text that comes from one of several places, a secret for instance. */
export type SourcedText = {
  /** What it is, for people, as it follows "The". */
  readonly name: string;
  /** Whether others must not read its file. */
  readonly isSecret: boolean;
  /** Its file in $CREDENTIALS_DIRECTORY, where systemd puts credentials. */
  readonly systemd: string;
  /** The other places that have it. */
  readonly sources: readonly TextSource[];
  /** Returns what is wrong with the text, as the rest of a sentence that holds nothing of it; undefined if nothing is. */
  readonly faultOf: (text: string) => string | undefined;
  /** Returns a path for a sentence: what is given as a path may be the secret itself. */
  readonly shownPath: (path: string) => string;
};

/** A text and its source, or a problem in words that contain no secret. */
export type TextResult =
  | {
      readonly ok: true;
      readonly text: string;
      readonly label: string;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

/** Loads a text from its only source; undefined if it has none. Several sources are a problem. Never rejects. */
export async function loadText(
  wanted: SourcedText,
  effects: CredentialEffects,
): Promise<TextResult | undefined> {
  const sources = await findSources(wanted, effects);
  const [source, second] = sources;
  if (source === undefined) return undefined;
  if (second === undefined) return readSource(wanted, source, effects);
  const labels = sources.map(({ label }) => label);
  const listed = `${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`;
  const problem = `The ${wanted.name} is given more than once, by ${listed}. Keep one of them.`;
  return { ok: false, problem };
}

async function findSources(
  { systemd, sources }: SourcedText,
  effects: CredentialEffects,
): Promise<readonly TextSource[]> {
  const path = systemdPath(systemd, effects.env);
  if (path === undefined) return sources;
  const isThere = await exists(path, effects);
  return isThere ? [{ label: `$CREDENTIALS_DIRECTORY/${systemd}`, path }, ...sources] : sources;
}

function systemdPath(name: string, { CREDENTIALS_DIRECTORY: directory }: Environment): string | undefined {
  return directory ? join(directory, name) : undefined;
}

async function exists(path: string, { stat }: CredentialEffects): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => !['ENOENT', 'ENOTDIR'].includes(codeOf(error)),
  );
}

async function readSource(
  wanted: SourcedText,
  source: TextSource,
  effects: CredentialEffects,
): Promise<TextResult> {
  if ('text' in source) return checkText(wanted, source.label, source.text, []);
  const place = `${source.label} (${wanted.shownPath(source.path)})`;
  try {
    const [text, { mode }] = await Promise.all([effects.readFile(source.path), effects.stat(source.path)]);
    const open = wanted.isSecret && (mode & 0o007) !== 0;
    const warning = `The file of the ${wanted.name}, ${place}, is open to every user of this machine. Close it with chmod o-rwx ${source.path}`;
    return checkText(wanted, source.label, text, open ? [warning] : []);
  } catch (error) {
    const isOfSystemd = source.path === systemdPath(wanted.systemd, effects.env);
    const fault = describeReadError(error, isOfSystemd);
    return { ok: false, problem: `The file of the ${wanted.name}, ${place}, ${fault}` };
  }
}

function checkText(
  { name, faultOf }: SourcedText,
  label: string,
  text: string,
  warnings: readonly string[],
): TextResult {
  // Editors on Windows write a byte order mark.
  const plain = text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  const fault = faultOf(plain);
  return fault === undefined
    ? { ok: true, text: plain, label, warnings }
    : { ok: false, problem: `The ${name} (${label}) ${fault}` };
}

function describeReadError(error: unknown, isOfSystemd: boolean): string {
  if (error instanceof UnreadableFile) return error.message;
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist. Create it, or name another.';
    case 'EACCES':
    case 'EPERM':
      return `cannot be read by ${thisUser()}. ${accessRemedy(isOfSystemd)}`;
    case 'EISDIR':
      return 'is a directory. Name the file in it.';
    default:
      return `cannot be read (${codeOf(error) || 'unknown reason'}). Name another.`;
  }
}

/** The files of a service of systemd are for root alone, who hands them to it. */
function accessRemedy(isOfSystemd: boolean): string {
  return isOfSystemd && process.geteuid?.() !== 0
    ? 'Run this as root, such as with sudo.'
    : 'Give read access to this user only, or run as a user who has it.';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
