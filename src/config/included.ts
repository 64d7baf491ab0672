import { dirname, join } from 'node:path';
import { type LineOf, parseDocument } from './document.ts';
import type { Environment } from './interpolate.ts';
import { isSecretKey, looksSecret } from './secret-shapes.ts';
import { describeUnknownKey } from './unknown-key.ts';
import { formatPath, type ReadTree, type Tree } from './yaml-tree.ts';

/** A file that an `include` names: its text, or the end of a sentence about the file that says what is wrong. */
export type IncludedFile = { readonly path: string } & (
  | { readonly text: string }
  | { readonly fault: string }
);

/** What the patterns of an `include` stand for. */
export interface IncludedFiles {
  /** In the order of the patterns, and of the names for each; none twice. */
  readonly files: readonly IncludedFile[];
  /** Patterns that no file has. */
  readonly unmatched: readonly string[];
}

/** Finds and reads the files that patterns stand for. Rejects with an {@link IncludeFault}. */
export type ReadIncluded = (patterns: readonly string[]) => Promise<IncludedFiles>;

/** Why files cannot be found: the end of a sentence about a pattern. */
export class IncludeFault extends Error {
  override readonly name = 'IncludeFault';
}

/** One file with migrations, and which of them in the whole list it has. */
export interface MigrationSource {
  readonly file: string;
  readonly document: Pick<ReadTree, 'tree' | 'expanded'> & { readonly lineOf: LineOf };
  /** The position of its first migration in the whole list. */
  readonly first: number;
  readonly count: number;
}

/** All files together may have as many characters as one. */
const maxTotal = 20_000_000;
/** Parsing takes a fraction of a millisecond; everything else must run meanwhile. */
const parsedAtOnce = 50;

/** Returns a pattern as it is looked for: relative to the folder of the file that has it. */
export function patternOf(pattern: string, file: string): string {
  return pattern.startsWith('/') ? pattern : join(dirname(file), pattern);
}

/** The migrations of included files as written, and all problems of these files; sentences with their names. */
export interface IncludedMigrations {
  readonly items: readonly Tree[];
  readonly sources: readonly MigrationSource[];
  readonly problems: readonly string[];
}

/** Parses files that have migrations only. `first` is the position of their first migration in the whole list. */
export async function parseIncluded(
  files: readonly IncludedFile[],
  { file: main, env, first }: { readonly file: string; readonly env: Environment; readonly first: number },
): Promise<IncludedMigrations> {
  const items: Tree[] = [];
  const sources: MigrationSource[] = [];
  const problems: string[] = [];
  let total = 0;
  for (const [index, file] of files.entries()) {
    if (index % parsedAtOnce === parsedAtOnce - 1) await new Promise((resolve) => setImmediate(resolve));
    const { path } = file;
    if ('fault' in file) {
      problems.push(`${path}: ${file.fault}`);
      continue;
    }
    total += file.text.length;
    if (total > maxTotal) {
      problems.push(
        `${path}: this file and those before have more than ${maxTotal / 1_000_000} million characters; include fewer.`,
      );
      break;
    }
    const document = parseDocument(file.text, env);
    if (!document.ok) {
      problems.push(...document.problems.map((problem) => `${path}: ${problem}`));
      continue;
    }
    const found = migrationsIn(document.tree, main);
    problems.push(
      ...document.problems.map((problem) => `${path}: ${problem}`),
      ...found.problems.map(({ key, sentence }) => placed(path, document.lineOf([key]) ?? 1, sentence)),
    );
    sources.push({ file: path, document, first: first + items.length, count: found.items.length });
    items.push(...found.items);
  }
  return { items, sources, problems };
}

/** Returns a sentence with its place. */
export function placed(file: string, line: number | undefined, sentence: string): string {
  return line === undefined ? `${file}: ${sentence}` : `${file}: line ${line}: ${sentence}`;
}

interface KeyProblem {
  readonly key: string;
  readonly sentence: string;
}

function migrationsIn(
  tree: Tree,
  main: string,
): { readonly items: readonly Tree[]; readonly problems: readonly KeyProblem[] } {
  if (typeof tree !== 'object' || isList(tree))
    return {
      items: [],
      problems: [
        {
          key: '',
          sentence: 'the top level is not made of keys; begin with migrations: and a list below it.',
        },
      ],
    };
  const foreign = Object.keys(tree).filter((key) => key !== 'migrations');
  const problems = foreign.map((key) => ({ key, sentence: foreignSentence(key, main) }));
  const { migrations } = tree;
  if (isList(migrations)) return { items: migrations, problems };
  const sentence =
    migrations === undefined
      ? 'migrations is missing; an included file has it alone, with a list below it.'
      : 'migrations is no list; write - before each migration, with its groupId and liveMigrationId.';
  return {
    items: [],
    problems: typeof migrations === 'symbol' ? problems : [...problems, { key: 'migrations', sentence }],
  };
}

function foreignSentence(key: string, main: string): string {
  if (isSecretKey(key) || looksSecret(key)) return describeUnknownKey([], key).sentence;
  return key === 'include'
    ? `include is not for an included file; list all files in ${main}.`
    : `${key.length > 60 ? 'a key' : formatPath([key])} is not for an included file, which has migrations: alone; move it to ${main}, or remove it.`;
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}
