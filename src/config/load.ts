import { type ReadFile, readConfigFile } from './config-file.ts';
import { type ParsedDocument, parseDocument } from './document.ts';
import {
  type IncludedMigrations,
  IncludeFault,
  type MigrationSource,
  parseIncluded,
  patternOf,
  placed,
  type ReadIncluded,
} from './included.ts';
import type { Environment } from './interpolate.ts';
import { includeSchema } from './migrations-schema.ts';
import { type Origins, originsOf, sourceAt } from './origins.ts';
import { withWarnings } from './override-checks.ts';
import { describeIssues } from './problems.ts';
import { readProxy } from './proxy.ts';
import { type Config, configSchema } from './schema.ts';
import { formatPath, type Tree } from './yaml-tree.ts';

/** More problems than these are counted only. */
const MAX_PROBLEMS = 100;

/** The configuration, or all its problems: sentences that never contain a secret. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly string[];
      /** Where each value comes from. */
      readonly origins: Origins;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

export type LoadOptions = {
  /** The path as the user wrote it; every sentence begins with it. */
  readonly file: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
  /** Without it, an `include` finds no files. */
  readonly readIncluded?: ReadIncluded;
};

/**
 * Reads and checks a configuration file (YAML or JSON) with the files that it includes, and fills in the defaults. Never
 * rejects: a file that cannot be read is a problem like any other, and all problems are returned at once, each naming
 * file, key and remedy.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const { file, env, readFile } = options;
  const read = await readConfigFile(file, readFile, env);
  if (!read.ok) return read;
  const document = parseDocument(read.text, env);
  const main = document.problems;
  if (!document.ok) return refusal(named(file, main));
  if (!isSection(document.tree)) {
    const shape = 'the top level is not made of keys; begin with migrations: and a list below it.';
    return refusal(named(file, main.length > 0 ? main : [shape]));
  }
  const parts = await includedParts(document.tree, options);
  const result = checkConfig({ ...document, tree: document.tree }, parts, options);
  const problems = [...named(file, main), ...result.problems, ...parts.problems];
  if (result.config === undefined || problems.length > 0)
    return refusal([...firstOf(problems, file), ...result.environmentProblems]);
  return { ok: true, config: result.config, warnings: parts.warnings, origins: result.origins };
}

type Section = { readonly [key: string]: Tree };
type MainDocument = Omit<Extract<ParsedDocument, { ok: true }>, 'tree'> & { readonly tree: Section };

function isSection(tree: Tree): tree is Section {
  return typeof tree === 'object' && !Array.isArray(tree);
}

function named(file: string, sentences: readonly string[]): readonly string[] {
  return sentences.map((sentence) => `${file}: ${sentence}`);
}

function refusal(problems: readonly string[]): LoadResult {
  return { ok: false, problems };
}

/** A file that is something else altogether has a problem on every line. */
function firstOf(problems: readonly string[], file: string): readonly string[] {
  const more = problems.length - MAX_PROBLEMS;
  if (more <= 0) return problems;
  const rest = `${file}: there are ${more} more problems; correct these first, or is this the right file?`;
  return [...problems.slice(0, MAX_PROBLEMS), rest];
}

type IncludedParts = IncludedMigrations & { readonly warnings: readonly string[] };

/** Reads what the main file includes. What is wrong with the list of files itself is left to its schema. */
async function includedParts(
  tree: Section,
  { file, env, readIncluded = findNothing }: LoadOptions,
): Promise<IncludedParts> {
  const patterns = includeSchema.safeParse(tree.include).data ?? [];
  const first = Array.isArray(tree.migrations) ? tree.migrations.length : 0;
  const nothing = { items: [], sources: [], problems: [], warnings: [] };
  const written = new Map(patterns.map((pattern) => [patternOf(pattern, file), pattern]));
  try {
    const { files, unmatched } = await readIncluded([...written.keys()]);
    const warnings = unmatched.map(
      (pattern) => `${file}: include finds no file for ${written.get(pattern) ?? pattern}.`,
    );
    return { ...(await parseIncluded(files, { file, env, first })), warnings };
  } catch (error) {
    if (!(error instanceof IncludeFault)) throw error;
    return { ...nothing, problems: named(file, [`include ${error.message}`]) };
  }
}

const findNothing: ReadIncluded = (unmatched) => Promise.resolve({ files: [], unmatched });

interface CheckResult {
  /** Undefined where there are problems. */
  readonly config: Config | undefined;
  readonly origins: Origins;
  readonly problems: readonly string[];
  /** These do not begin with the name of a file. */
  readonly environmentProblems: readonly string[];
}

/** Checks the main file together with the migrations of the others. */
function checkConfig(
  document: MainDocument,
  { items, sources }: IncludedMigrations,
  { file, env }: LoadOptions,
): CheckResult {
  const { tree } = document;
  const own = Array.isArray(tree.migrations) ? tree.migrations : [];
  const whole = items.length === 0 ? tree : { ...tree, migrations: [...own, ...items] };
  const all: readonly MigrationSource[] = [{ file, document, first: 0, count: own.length }, ...sources];
  const origins = originsOf(all);
  const parsed = configSchema.safeParse(whole);
  const problems = parsed.success ? [] : problemsOf(parsed.error.issues, all);
  const proxies = readProxy(env, parsed.success ? parsed.data.atlas.baseUrl : 'https://cloud.mongodb.com');
  const environmentProblems = proxies.ok ? [] : proxies.problems;
  if (!parsed.success || !proxies.ok) return { config: undefined, origins, problems, environmentProblems };
  const { include: _read, ...data } = parsed.data;
  const { proxy } = proxies;
  const config = {
    ...data,
    migrations: withWarnings(data.migrations, data.cutover.warnBefore, tree),
    ...(proxy === undefined ? {} : { proxy }),
  };
  return { config, origins, problems, environmentProblems };
}

type Issues = Parameters<typeof describeIssues>[0];

/** Describes each issue in the words of the file that it is in, file by file. */
function problemsOf(issues: Issues, sources: readonly MigrationSource[]): readonly string[] {
  const [main] = sources;
  const places = issues.map((issue) => ({ issue, ...sourceAt(sources, issue.path) }));
  return [...Map.groupBy(places, ({ source }) => source)].flatMap(([source, those]) => {
    const nameOther = (list: readonly PropertyKey[], index: number): string => {
      const other = sourceAt(sources, [...list, index]);
      const name = formatPath(other.path);
      const line = other.source.document.lineOf(other.path);
      return other.source === source
        ? name
        : `${name} of ${other.source.file}${line === undefined ? '' : `, line ${line}`}`;
    };
    const local = those.map(({ issue, path }) => ({ ...issue, path: [...path] }));
    return describeIssues(local, source.document, nameOther).map(({ path, sentence }) =>
      placed(source.file, source === main ? undefined : source.document.lineOf(path), sentence),
    );
  });
}
