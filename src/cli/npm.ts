import { isAbsolute, relative, resolve } from 'node:path';
import type { Environment } from '../config/interpolate.ts';
import { isStartedByNpm } from '../config/started-by-npm.ts';

/** npm has these options itself: their variables may come from the environment of the user. */
const ownOptions: ReadonlySet<string> = new Set(['json', 'yes', 'force']);

/**
 * Returns a sentence if npm has taken options that were meant for this program, as it does with everything before `--`;
 * undefined if it has not. `options` are the long options of the program. Without this, `npm start check -c FILE` would
 * read another file.
 */
export function takenByNpm(
  env: Environment,
  args: readonly string[],
  options: ReadonlySet<string>,
): string | undefined {
  if (!isStartedByNpm(env)) return undefined;
  const { npm_config_call: file = '', npm_lifecycle_event: script = 'start' } = env;
  const names = [...options].filter(
    (name) => !ownOptions.has(name) && env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined,
  );
  const taken = [
    ...(file === '' ? [] : [`-c ${quoted(file)}`]),
    ...names.map((name) => optionText(name, env)),
  ];
  if (taken.length === 0) return undefined;
  const call = script === 'start' ? 'npm start --' : `npm run ${script} --`;
  // The value of a long option is among the arguments, and nothing says which one it is.
  const given = names.length > 0 ? ['...'] : [...(script === 'start' ? args : args.slice(1)), ...taken];
  return `npm took ${taken.join(' ')} for itself and did not pass it on. Put -- before the arguments: ${[call, ...given].join(' ')}`;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function optionText(name: string, env: Environment): string {
  const value = env[`npm_config_${name.replaceAll('-', '_')}`];
  if (value === '') return `--no-${name}`;
  return value === 'true' ? `--${name}` : `--${name} ${value}`;
}

/**
 * Returns a path from the command line. npm changes to the folder of the package, but a person means the folder where
 * npm was started (INIT_CWD).
 */
export function callerPath(path: string, env: Environment, cwd: string): string {
  const { INIT_CWD: caller = '' } = env;
  if (!isStartedByNpm(env) || caller === '' || isAbsolute(path) || relative(caller, cwd) === '') return path;
  return resolve(caller, path);
}
