import { parseDocument } from './document.ts';
import type { Environment } from './interpolate.ts';
import { configKeys } from './keys.ts';
import { describeIssues } from './problems.ts';
import { readProxy } from './proxy.ts';
import { type Config, configSchema } from './schema.ts';
import { defaultStatePath } from './state-path.ts';
import type { Tree } from './tree.ts';

/** The configuration, or everything wrong with it: sentences for people that never hold a secret. */
export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

export type LoadOptions = {
  /** The path as people know it; every sentence begins with it. */
  readonly file: string;
  readonly env: Environment;
  /** Returns the text of a file; rejects with a `code` as node:fs does. */
  readonly readFile: (path: string) => Promise<string>;
};

const DEFAULT_FILE = 'config/cutover-watch.yaml';

/** Returns the path of the configuration: the `-c` option, else CUTOVER_WATCH_CONFIG, else config/cutover-watch.yaml. */
export function findConfigFile(option: string | undefined, env: Environment): string {
  return option ?? (env.CUTOVER_WATCH_CONFIG || DEFAULT_FILE);
}

/**
 * Reads and checks a configuration file (YAML or JSON) and fills in the defaults. Never rejects: a file that cannot
 * be read is a problem like any other, and all problems are returned at once, each naming file, key and remedy.
 */
export async function loadConfig({ file, env, readFile }: LoadOptions): Promise<LoadResult> {
  const text = await readFile(file).catch(toError);
  if (typeof text !== 'string') return { ok: false, problems: [`${file}: ${describeReadError(text)}`] };
  const result = checkConfig(text, env);
  const named = (sentences: readonly string[]) => sentences.map((sentence) => `${file}: ${sentence}`);
  return result.ok
    ? { ...result, warnings: named(result.warnings) }
    : { ok: false, problems: [...named(result.problems), ...(result.environmentProblems ?? [])] };
}

/** What is wrong with the environment has nothing to do with the file. */
type CheckResult = LoadResult & { readonly environmentProblems?: readonly string[] };

function checkConfig(text: string, env: Environment): CheckResult {
  const document = parseDocument(text, env);
  if (!document.ok) return document;
  if (typeof document.tree !== 'object' || Array.isArray(document.tree)) {
    const shape = 'the top level is not made of keys; begin with migrations: and a list below it.';
    return { ok: false, problems: document.problems.length > 0 ? document.problems : [shape] };
  }
  const parsed = configSchema.safeParse(document.tree);
  const problems = [
    ...document.problems,
    ...(parsed.success ? [] : describeIssues(parsed.error.issues, document)),
  ];
  const proxies = readProxy(env, parsed.success ? parsed.data.atlas.baseUrl : 'https://cloud.mongodb.com');
  if (!parsed.success || !proxies.ok || problems.length > 0) {
    return { ok: false, problems, ...(proxies.ok ? {} : { environmentProblems: proxies.problems }) };
  }
  const statePath = parsed.data.state.path ?? defaultStatePath(env);
  if (statePath === undefined) {
    const problem =
      'state.path is missing and has no default here, because none of STATE_DIRECTORY, XDG_STATE_HOME and HOME is set; write the path of a file.';
    return { ok: false, problems: [problem] };
  }
  const { proxy } = proxies;
  const config = {
    ...parsed.data,
    state: { path: statePath },
    ...(proxy === undefined ? {} : { proxy }),
  };
  return { ok: true, config, warnings: describeNotYet(document.tree) };
}

function describeNotYet(tree: Tree): readonly string[] {
  return configKeys()
    .filter(({ path, notYet }) => notYet && isGiven(tree, path.split('.')))
    .map(({ path }) => `${path} is read and checked, but not in effect in this version yet.`);
}

function isGiven(tree: unknown, path: readonly string[]): boolean {
  let value = tree;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value !== undefined;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function describeReadError(error: Error): string {
  switch ('code' in error ? error.code : undefined) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file. Copy config/cutover-watch.example.yaml to it, or name another with -c FILE or CUTOVER_WATCH_CONFIG.';
    case 'EACCES':
    case 'EPERM':
      return 'the file may not be read by this user. Give read access to it, or run as a user who has it.';
    case 'EISDIR':
      return 'this is a directory. Name the file in it, with -c FILE or CUTOVER_WATCH_CONFIG.';
    default:
      return `the file cannot be read (${'code' in error ? String(error.code) : error.name}). Name another with -c FILE or CUTOVER_WATCH_CONFIG.`;
  }
}
