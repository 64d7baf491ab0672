import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { functionName } from './structure-calls.ts';
import { child, children, filesBelow, isFunction, linesOf, type Modules, nameOf } from './structure-tree.ts';

/** Files of one kind, and how long they are. */
export interface Sizes {
  readonly files: number;
  readonly lines: number;
  readonly medianLines: number;
  readonly over300: number;
  readonly under20: number;
}

/** Something in the source, how much it has of what is counted, and where it is. */
export interface Counted {
  readonly name: string;
  readonly file: string;
  readonly count: number;
}

export interface ClassShape {
  readonly name: string;
  readonly file: string;
  readonly privateFields: number;
  /** Getters included, the constructor not. */
  readonly methods: number;
  readonly lines: number;
}

/** Counts all lines of TypeScript in a folder, those of comments and empty ones included. */
export function sizesOf(tree: string, folder: string): Sizes {
  const all = filesBelow(tree, folder, /\.ts$/)
    .map((file) => linesOfFile(tree, file))
    .toSorted((one, other) => one - other);
  return {
    files: all.length,
    lines: all.reduce((sum, lines) => sum + lines, 0),
    medianLines: all[Math.floor(all.length / 2)] ?? 0,
    over300: all.filter((lines) => lines > 300).length,
    under20: all.filter((lines) => lines < 20).length,
  };
}

export function linesOfFile(tree: string, file: string): number {
  return linesOf(readFileSync(join(tree, file), 'utf8'));
}

export function classesOf(modules: Modules): ClassShape[] {
  return [...modules.values()].flatMap((module) =>
    module.nodes
      .filter(({ type }) => type === 'ClassDeclaration')
      .map((node) => {
        const members = children(child(node, 'body'), 'body');
        const isField = ({ type }: (typeof members)[number]) => type === 'PropertyDefinition';
        return {
          name: nameOf(child(node, 'id')),
          file: module.file,
          privateFields: members.filter(
            (member) => isField(member) && child(member, 'key')?.type === 'PrivateIdentifier',
          ).length,
          methods: members.filter(({ type, kind }) => type === 'MethodDefinition' && kind !== 'constructor')
            .length,
          lines: linesOf(module.text.slice(node.start, node.end)),
        };
      }),
  );
}

/** Returns the functions with a name, and how many parameters each takes one after the other. */
export function parametersOf(modules: Modules): Counted[] {
  return [...modules.values()].flatMap((module) =>
    module.nodes.filter(isFunction).map((node) => ({
      name: functionName(module, node),
      file: module.file,
      count: children(node, 'params').length,
    })),
  );
}

/** Returns each group of folders right below `src` that reach one another along imports; those of types count, too. */
export function foldersInCircles(modules: Modules): string[][] {
  const arrows = arrowsOf(modules, topOf);
  const reached = new Map([...arrows.keys()].map((folder) => [folder, reachedFrom(arrows, folder)]));
  const groups = [...arrows.keys()].map((folder) =>
    [...(reached.get(folder) ?? [])].filter((other) => reached.get(other)?.has(folder)).toSorted(),
  );
  return [...new Map(groups.map((group) => [group.join(), group])).values()].filter(
    (group) => group.length > 1,
  );
}

/** Returns the pairs of folders that import each other, `src` itself aside: side by side, or one inside the other. */
export function foldersInPairs(modules: Modules, nested: boolean): string[] {
  const arrows = arrowsOf(modules, dirname);
  return [...arrows].flatMap(([from, all]) =>
    [...all]
      .filter((to) => from !== 'src' && from < to && arrows.get(to)?.has(from))
      .filter((to) => to.startsWith(`${from}/`) === nested)
      .map((to) => `${from} = ${to}`),
  );
}

/** Returns the shortest way along these arrows, both ends included; empty where there is none. */
export function shortestPath(
  arrows: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
): string[] {
  const before = new Map<string, string | undefined>([[from, undefined]]);
  for (const at of before.keys())
    for (const next of arrows.get(at) ?? []) if (!before.has(next)) before.set(next, at);
  const path: string[] = [];
  for (let at: string | undefined = before.has(to) ? to : undefined; at !== undefined; at = before.get(at))
    path.unshift(at);
  return path;
}

function topOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

function arrowsOf(modules: Modules, folderOf: (file: string) => string): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const { file, importedFiles } of modules.values()) {
    const from = folderOf(file);
    const own = arrows.get(from) ?? new Set<string>();
    arrows.set(from, own);
    for (const to of importedFiles.keys())
      if (modules.has(to) && folderOf(to) !== from) own.add(folderOf(to));
  }
  return arrows;
}

function reachedFrom(arrows: ReadonlyMap<string, ReadonlySet<string>>, from: string): ReadonlySet<string> {
  const reached = new Set([from]);
  for (const at of reached) for (const next of arrows.get(at) ?? []) reached.add(next);
  return reached;
}
