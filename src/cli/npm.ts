import { isAbsolute, relative, resolve } from 'node:path';
import type { Environment } from '../config/interpolate.ts';
import { isStartedByNpm } from '../config/started-by-npm.ts';

/** npm has these options itself: their variables may come from the environment of the user. */
const ownOptions: ReadonlySet<string> = new Set(['json', 'yes', 'force']);

/**
 * Returns a sentence if npm has taken options that were meant for this program, as it does with everything before `--`;
 * undefined if it has not. `options` are the long options of the program, and whether they take a value. Without this,
 * `npm start check -c FILE` would read another file.
 */
export function takenByNpm(
  env: Environment,
  args: readonly string[],
  options: ReadonlyMap<string, boolean>,
): string | undefined {
  if (!isStartedByNpm(env)) return undefined;
  const { npm_config_call: file = '', npm_lifecycle_event: script = 'start' } = env;
  const present = [...options.keys()].filter((name) => takenValue(name, env) !== undefined);
  const names = present.filter((name) => !ownOptions.has(name));
  const taken = [
    ...(file === '' ? [] : [`-c ${quoted(file)}`]),
    ...names.map((name) => optionText(name, takenValue(name, env), options.get(name) === true)),
  ];
  if (taken.length === 0) return undefined;
  const call = script === 'start' ? 'npm start --' : `npm run ${script} --`;
  // The value of a long option without = is among the arguments, and nothing says which one it is.
  const isUnclear = names.some((name) => options.get(name) === true && takenValue(name, env) === 'true');
  const own = present.filter((name) => ownOptions.has(name) && takenValue(name, env) === 'true');
  const given = [
    ...(script === 'start' ? args : args.slice(1)).map(quoted),
    ...taken,
    ...own.map((name) => `--${name}`),
  ];
  return `npm took ${taken.join(' ')} for itself and did not pass it on. Put -- before the arguments: ${[call, ...(isUnclear ? ['...'] : given)].join(' ')}`;
}

function takenValue(name: string, env: Environment): string | undefined {
  return env[`npm_config_${name.replaceAll('-', '_')}`];
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** npm writes nothing in place of false, and two lines between values of one option. */
function optionText(name: string, value: string | undefined, takesValue: boolean): string {
  if (value === undefined || value === '') return takesValue ? `--${name} false` : `--no-${name}`;
  if (value === 'true') return `--${name}`;
  return value
    .split('\n\n')
    .map((part) => `--${name} ${quoted(part)}`)
    .join(' ');
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
