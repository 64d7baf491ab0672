import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { type Environment, interpolate } from './interpolate.ts';
import { quoted } from './quoted.ts';

/** Where a value sits in the configuration: keys and list positions from the top. */
export type KeyPath = readonly PropertyKey[];

/** Stands for a value whose problem is already reported. */
export const UNREADABLE = Symbol('unreadable');

/** The file as plain data: every scalar is its text, `undefined` stands for "not given". */
export type Tree =
  | string
  | undefined
  | typeof UNREADABLE
  | readonly Tree[]
  | { readonly [key: string]: Tree };

export type ReadTree = {
  readonly tree: Tree;
  /** The variables that went into a value, by its formatted path. */
  readonly expanded: ReadonlyMap<string, readonly string[]>;
  /** Sentences without the file name. */
  readonly problems: readonly string[];
};

type Scalar = { readonly value: unknown; readonly type?: unknown };

const MAX_DEPTH = 32;
/** How many values aliases may stand for: every one of 10,000 migrations with sixteen labels from elsewhere. */
const MAX_ALIASED = 200_000;
/** Longest value and key, in characters: everything that looks at them is then bounded. */
const MAX_VALUE = 10_000;
const MAX_KEY = 1_000;

/** Returns whether a scalar is plain and empty, `null` or `~`: the key is there, its value is not. */
export function isNotGiven({ type, value }: Scalar): boolean {
  return type === 'PLAIN' && /^(|~|null|Null|NULL)$/.test(String(value));
}

/** Returns the data of a document without syntax errors, its aliases resolved and `${VAR}` expanded in its values. */
export function readTree(document: Document.Parsed, lines: LineCounter, env: Environment): ReadTree {
  const problems = new Set<string>();
  const expanded = new Map<string, readonly string[]>();
  let aliasedLeft = MAX_ALIASED;
  let tooDeep = false;

  const targets = findTargets(document.contents);

  const refuse = (path: KeyPath, clause: string): typeof UNREADABLE => {
    problems.add(`${formatPath(path) || 'the top level'} ${clause}`);
    return UNREADABLE;
  };

  const readNode = (node: unknown, path: KeyPath, aliased = false): Tree => {
    if (aliased) aliasedLeft -= 1;
    // An alias inside its own anchor never ends, and a few aliases of aliases grow without bound.
    tooDeep ||= path.length > MAX_DEPTH;
    if (tooDeep || aliasedLeft < 0) {
      problems.add(
        'the file is nested too deeply, or its aliases stand for too much; write it out more plainly.',
      );
      return UNREADABLE;
    }
    if (isAlias(node)) {
      const target = targets.get(node);
      return target === undefined
        ? refuse(path, 'is an alias without an anchor above it; put the value in quotes if it begins with *.')
        : readNode(target, path, true);
    }
    if (hasForeignTag(node)) {
      return refuse(path, 'has a YAML tag, which means nothing here; remove it, or put the value in quotes.');
    }
    if (isMap(node)) return readMap(node, path, aliased);
    if (isSeq(node)) return node.items.map((item, index) => readNode(item, [...path, index], aliased));
    return isScalar(node) ? readScalar(node, path) : undefined;
  };

  const readMap = (map: YAMLMap, path: KeyPath, aliased: boolean): Tree => {
    const firstLines = new Map<string, number>();
    const entries: [string, Tree][] = [];
    for (const pair of map.items) {
      const key = keyOf(pair);
      if (key === undefined) {
        refuse(path, 'has a key that is a list or a section; a key is plain text.');
        continue;
      }
      if (key.length > MAX_KEY) {
        refuse(path, `has a key of ${key.length} characters; ${MAX_KEY} are the most.`);
        continue;
      }
      if (key === '__proto__') {
        refuse([...path, key], 'is a name that cannot be used; choose another.');
        continue;
      }
      const line = lineOf(pair, lines);
      const firstLine = firstLines.get(key);
      if (firstLine === undefined) firstLines.set(key, line);
      else refuse([...path, key], `is written twice, on lines ${firstLine} and ${line}; keep one.`);
      entries.push([key, readNode(pair.value, [...path, key], aliased)]);
    }
    return Object.fromEntries(entries);
  };

  const readScalar = (node: Scalar, path: KeyPath): Tree => {
    if (isNotGiven(node)) return undefined;
    const written = String(node.value);
    if (written.length > MAX_VALUE) return refuse(path, tooLong(written));
    const result = interpolate(written, env);
    if (!result.ok) {
      for (const problem of result.problems) refuse(path, problem);
      return UNREADABLE;
    }
    if (result.text.length > MAX_VALUE) return refuse(path, tooLong(result.text));
    if (result.variables.length > 0) expanded.set(formatPath(path), result.variables);
    return result.text === '' && node.type === 'PLAIN' ? undefined : result.text;
  };

  const tree = readNode(document.contents, []);
  return { tree: aliasedLeft < 0 || tooDeep ? UNREADABLE : tree, expanded, problems: [...problems] };
}

/** Returns a function that finds the line of a path, or of the last part of it that is in the document. */
export function lineFinder(
  document: Document.Parsed,
  lines: LineCounter,
): (path: KeyPath) => number | undefined {
  const targets = findTargets(document.contents);
  return (path) => {
    let node: unknown = document.contents;
    let line: number | undefined;
    for (const step of path) {
      if (isAlias(node)) node = targets.get(node);
      if (isMap(node)) {
        const pair = node.items.find((each) => keyOf(each) === String(step));
        if (pair === undefined) return line;
        line = lineOf(pair, lines);
        node = pair.value;
      } else if (isSeq(node)) {
        const item = node.items[Number(step)];
        const { range } = (isMap(item) || isSeq(item) || isScalar(item) || isAlias(item) ? item : {}) as {
          readonly range?: readonly number[] | null;
        };
        if (range?.[0] === undefined) return line;
        line = lines.linePos(range[0]).line;
        node = item;
      } else return line;
    }
    return line;
  };
}

/** Returns what each alias stands for: the latest node above it that has its anchor. */
function findTargets(contents: unknown): ReadonlyMap<Alias, unknown> {
  const anchored = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  const visit = (node: unknown, depth: number): void => {
    if (isAlias(node)) {
      targets.set(node, anchored.get(node.source));
      return;
    }
    if (depth > MAX_DEPTH || !(isMap(node) || isSeq(node) || isScalar(node))) return;
    if (node.anchor !== undefined) anchored.set(node.anchor, node);
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        visit(key, depth + 1);
        visit(value, depth + 1);
      }
    } else if (isSeq(node)) for (const item of node.items) visit(item, depth + 1);
  };
  visit(contents, 0);
  return targets;
}

function tooLong({ length }: string): string {
  return `is a text of ${length} characters; ${MAX_VALUE} are the most.`;
}

function keyOf({ key }: Pair): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function lineOf({ key }: Pair, lines: LineCounter): number {
  return isScalar(key) && key.range ? lines.linePos(key.range[0]).line : 0;
}

/** Returns whether a node has a tag that changes what it is. `!!binary` would even decode it. */
function hasForeignTag(node: unknown): boolean {
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return false;
  return node.tag !== undefined && !/^tag:yaml\.org,2002:(?:map|seq|str)$/.test(node.tag);
}

/** Returns a path as people write it: `migrations[1].groupId`, `labels["cost center"]`. */
export function formatPath(path: KeyPath): string {
  return path.map(formatStep).join('').replace(/^\./, '');
}

function formatStep(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`;
  const key = String(step);
  return /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${quoted(key)}]`;
}
