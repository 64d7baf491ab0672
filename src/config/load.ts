import { defaultStatePath, type ReadFile, readConfigFile } from './config-file.ts';
import { parseDocument } from './document.ts';
import type { Environment } from './interpolate.ts';
import { describeIssues } from './problems.ts';
import { readProxy } from './proxy.ts';
import { type Config, configSchema } from './schema.ts';

/** More problems than these are counted only. */
const MAX_PROBLEMS = 100;

/** The configuration, or all its problems: sentences that never contain a secret. */
export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

export type LoadOptions = {
  /** The path as the user wrote it; every sentence begins with it. */
  readonly file: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
};

/**
 * Reads and checks a configuration file (YAML or JSON) and fills in the defaults. Never rejects: a file that cannot
 * be read is a problem like any other, and all problems are returned at once, each naming file, key and remedy.
 */
export async function loadConfig({ file, env, readFile }: LoadOptions): Promise<LoadResult> {
  const read = await readConfigFile(file, readFile, env);
  if (!read.ok) return read;
  const result = checkConfig(read.text, env);
  if (result.ok) return result;
  const named = firstOf(result.problems).map((sentence) => `${file}: ${sentence}`);
  return { ok: false, problems: [...named, ...(result.environmentProblems ?? [])] };
}

/** A file that is something else altogether has a problem on every line. */
function firstOf(problems: readonly string[]): readonly string[] {
  const more = problems.length - MAX_PROBLEMS;
  if (more <= 0) return problems;
  const rest = `there are ${more} more problems; correct these first, or is this the right file?`;
  return [...problems.slice(0, MAX_PROBLEMS), rest];
}

/** Problems of the environment do not begin with the name of the file. */
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
  return { ok: true, config };
}
