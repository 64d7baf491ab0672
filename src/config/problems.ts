import type { z } from 'zod';
import { quoted } from './quoted.ts';
import { isConfidentialKey, looksSecret } from './secret-shapes.ts';
import { describeUnknownKey } from './unknown-key.ts';
import { formatPath, type KeyPath, type ReadTree, type Tree, UNREADABLE } from './yaml-tree.ts';

const LONGEST_SHOWN = 60;

/** A sentence without the name of the file, and the place in it that the sentence is about. */
export type Problem = { readonly path: KeyPath; readonly sentence: string };

/** Returns how a message names another item of the list at this path. */
export type NameOther = (list: KeyPath, index: number) => string;

/**
 * Returns a sentence (without the file name) for every problem the schema found in a file. A value is shown only if it
 * cannot be a secret: not below `atlas.auth`, not from `${VAR}`, not under a key that names a secret, not shaped like one,
 * not an address of a receiver or of the state.
 */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  file: Pick<ReadTree, 'tree' | 'expanded'>,
  nameOther: NameOther,
): readonly Problem[] {
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: [...issue.path, key],
          ...describeUnknownKey(issue.path, key),
        }))
      : [],
  );
  const meant = new Set(unknown.flatMap((key) => (key.meant === undefined ? [] : [formatPath(key.meant)])));
  const wrong = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return [];
    const value = valueAt(file.tree, issue.path);
    // Both have a sentence already: one from reading the file, the other as an unknown key.
    if (value === UNREADABLE || (value === undefined && meant.has(formatPath(issue.path)))) return [];
    const sentence = describeIssue(withOther(issue, nameOther), value, file.expanded);
    return [{ path: issue.path, sentence }];
  });
  const all = [...unknown.map(({ path, sentence }) => ({ path, sentence })), ...wrong];
  return [...new Map(all.map((problem) => [problem.sentence, problem])).values()];
}

function withOther(issue: z.core.$ZodIssue, nameOther: NameOther): z.core.$ZodIssue {
  const other: unknown = issue.code === 'custom' ? issue.params?.other : undefined;
  if (typeof other !== 'number') return issue;
  const name = nameOther(issue.path.slice(0, -1), other);
  return { ...issue, message: issue.message.replace('{other}', () => name) };
}

function describeIssue(issue: z.core.$ZodIssue, value: Tree, expanded: ReadTree['expanded']): string {
  const isSection = issue.code === 'invalid_type' && issue.expected === 'object';
  const clause =
    isSection && !issue.message.includes('{value}')
      ? 'is {value}; write keys and values below it.'
      : issue.message;
  const path = formatPath(issue.path) || 'the top level';
  return `${path} ${clause.replace('{value}', () => describeValue(value, issue.path, expanded))}`;
}

function describeValue(value: Tree, path: KeyPath, expanded: ReadTree['expanded']): string {
  if (value === undefined) return typeof path.at(-1) === 'number' ? 'empty' : 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'string') return 'a section';
  if (value === '') return 'empty';
  const variables = expanded.get(formatPath(path));
  if (variables !== undefined)
    return `a text from ${variables.map((name) => `$${name}`).join(' and ')} (not shown)`;
  if (isConfidential(path, value) || looksSecret(value)) return 'a text that is not shown here';
  if (value.length > LONGEST_SHOWN) return `a text of ${value.length} characters`;
  return quoted(value);
}

function isConfidential(path: KeyPath, value: string): boolean {
  const isOfAddress = path[0] === 'notify' || path[0] === 'ping' || path[0] === 'state';
  return (
    formatPath(path).startsWith('atlas.auth') ||
    path.some((key) => isConfidentialKey(String(key))) ||
    (isOfAddress && (value.includes('://') || String(path.at(-1)).startsWith('url')))
  );
}

/** Returns the value at a path as it is written; undefined where nothing is. */
export function valueAt(tree: Tree, path: KeyPath): Tree {
  let value: unknown = tree;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return isTree(value) ? value : undefined;
}

function isTree(value: unknown): value is Tree {
  return value === UNREADABLE || typeof value === 'string' || (typeof value === 'object' && value !== null);
}
