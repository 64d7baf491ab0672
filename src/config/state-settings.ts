import { defaultStatePath } from './config-file.ts';
import { databaseFault } from './database-address.ts';
import type { Config } from './schema.ts';
import { lowerFirst, shownSecretPath, variableOf } from './secret-finder.ts';
import { type CredentialEffects, loadText, type TextResult } from './sourced-text.ts';

/** Where the state is kept. The address of a database is a secret. */
export type StateSettings =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'database'; readonly url: string; readonly leaseMs: number };

/** Where the state is kept, or everything wrong with that, in sentences without secrets. */
export type StateResult =
  | {
      readonly ok: true;
      readonly state: StateSettings;
      /** Where the address of a database comes from, for people. */
      readonly source: string | undefined;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What keeps nothing. */
export const memory: StateSettings = { kind: 'file', path: ':memory:' };

const systemd = 'state-url';
const address = {
  name: 'address of the state database',
  isSecret: true,
  systemd,
  faultOf: databaseFault,
  shownPath: shownSecretPath,
} as const;

/**
 * Finds where the state is kept: in the database whose address is in $CREDENTIALS_DIRECTORY (systemd), in the environment,
 * or in a file that the environment or the configuration names; else in a file. Two of these are refused. Reads files
 * each time. Never rejects.
 */
export async function loadStateSettings(
  { state }: Pick<Config, 'state'>,
  effects: CredentialEffects,
): Promise<StateResult> {
  const { env } = effects;
  const variable = variableOf(systemd);
  const { [variable]: text, [`${variable}_FILE`]: file } = env;
  const wanted = {
    ...address,
    sources: [
      ...(file ? [{ label: `$${variable}_FILE`, path: file }] : []),
      ...(text ? [{ label: `$${variable}`, text }] : []),
      ...(state.urlFile === undefined ? [] : [{ label: 'state.urlFile', path: state.urlFile }]),
    ],
  };
  const found = await loadText(wanted, effects);
  if (found === undefined) return inFile(state.path ?? defaultStatePath(env));
  const problems = found.ok ? [] : [lowerFirst(found.problem)];
  if (state.path !== undefined)
    problems.push(
      `state.path names a file, and ${found.ok ? found.label : 'another source'} a database; the state is kept in one of them, so remove the other.`,
    );
  if (!found.ok || problems.length > 0) return { ok: false, problems };
  const { label, warnings } = found;
  return {
    ok: true,
    state: { kind: 'database', url: found.text, leaseMs: state.lease },
    source: label,
    warnings: warnings.map(lowerFirst),
  };
}

/**
 * Reads the address of a database in a file that a command line names, as `label` for people. Its warnings and problems are
 * sentences without the address. Never rejects.
 */
export async function readAddressFile(
  path: string,
  label: string,
  { readFile, stat }: Omit<CredentialEffects, 'env'>,
): Promise<TextResult> {
  const wanted = { ...address, sources: [{ label, path }] };
  const found = await loadText(wanted, { readFile, stat, env: {} });
  return found ?? { ok: false, problem: `The ${address.name} is missing.` };
}

function inFile(path: string | undefined): StateResult {
  if (path !== undefined) return { ok: true, state: { kind: 'file', path }, source: undefined, warnings: [] };
  const problem =
    'state.path is missing and has no default here, because none of STATE_DIRECTORY, XDG_STATE_HOME and HOME is set; write the path of a file.';
  return { ok: false, problems: [problem] };
}
