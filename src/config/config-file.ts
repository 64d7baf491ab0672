import { isAbsolute, join } from 'node:path';
import type { Environment } from './interpolate.ts';
import { isStartedByNpm } from './started-by-npm.ts';
import { thisUser } from './this-user.ts';
import { UnreadableFile } from './unreadable-file.ts';

/** Returns the text of a file; rejects with a `code` as node:fs does. */
export type ReadFile = (path: string) => Promise<string>;

const DEFAULT_FILE = 'config/cutover-watch.yaml';

/** Returns the path of the configuration: the `-c` option, else CUTOVER_WATCH_CONFIG, else config/cutover-watch.yaml. */
export function findConfigFile(option: string | undefined, env: Environment): string {
  return option ?? (env.CUTOVER_WATCH_CONFIG || DEFAULT_FILE);
}

/**
 * Returns the default path of the state file: $STATE_DIRECTORY (its first entry, as systemd.exec
 * separates several by colons), else $XDG_STATE_HOME when absolute (XDG Base Directory Specification), else below
 * $HOME; undefined when none is set.
 */
export function defaultStatePath(env: Environment): string | undefined {
  const stateDirectory = env.STATE_DIRECTORY?.split(':').find((directory) => directory !== '');
  if (stateDirectory !== undefined) return join(stateDirectory, 'state.db');
  const xdgStateHome = env.XDG_STATE_HOME ?? '';
  if (isAbsolute(xdgStateHome)) return join(xdgStateHome, 'cutover-watch', 'state.db');
  const home = env.HOME ?? '';
  return home === '' ? undefined : join(home, '.local', 'state', 'cutover-watch', 'state.db');
}

/** Reads the file as text; a file that cannot be read is a problem like any other. */
export async function readConfigFile(
  file: string,
  readFile: ReadFile,
  env: Environment,
): Promise<
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problems: readonly string[] }
> {
  const text = await readFile(file).catch(toError);
  if (typeof text === 'string') return { ok: true, text };
  return { ok: false, problems: [`${file}: ${describeReadError(text, env)}`] };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function describeReadError(error: Error, env: Environment): string {
  if (error instanceof UnreadableFile) return `the file ${error.message}`;
  switch ('code' in error ? error.code : undefined) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no such file. Write it with ${isStartedByNpm(env) ? 'npm start -- init' : 'cutover-watch init'}, or name another with -c FILE or CUTOVER_WATCH_CONFIG.`;
    case 'EACCES':
    case 'EPERM':
      return `the file may not be read by ${thisUser()}. Give read access to it, or run as a user who has it.`;
    case 'EISDIR':
      return 'this is a directory. Name the file in it, with -c FILE or CUTOVER_WATCH_CONFIG.';
    default:
      return `the file cannot be read (${'code' in error ? String(error.code) : error.name}). Name another with -c FILE or CUTOVER_WATCH_CONFIG.`;
  }
}
