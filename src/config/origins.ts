import type { MigrationSource } from './included.ts';
import { valueAt } from './problems.ts';
import { formatPath, type KeyPath } from './yaml-tree.ts';

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'default' }
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly line: number | undefined;
      /** The environment variables that went into it. */
      readonly variables: readonly string[];
    };

/** Returns where the value at a path of the configuration comes from. */
export type Origins = (path: KeyPath) => Origin;

/** Returns the file that has a path of the configuration, and the path in that file. The first file has all but migrations. */
export function sourceAt(
  sources: readonly MigrationSource[],
  path: KeyPath,
): { readonly source: MigrationSource; readonly path: KeyPath } {
  const [main] = sources;
  if (main === undefined) throw new RangeError('There is no file.');
  const [section, index, ...rest] = path;
  if (section !== 'migrations' || typeof index !== 'number') return { source: main, path };
  const source = findSource(sources, index) ?? main;
  return { source, path: [section, index - source.first, ...rest] };
}

/** The files are in the order of their migrations. */
function findSource(sources: readonly MigrationSource[], index: number): MigrationSource | undefined {
  let [low, high] = [0, sources.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const source = sources[middle];
    if (source === undefined) return undefined;
    if (index >= source.first + source.count) low = middle + 1;
    else high = middle;
  }
  return sources[low];
}

/** Returns the origins of all values. */
export function originsOf(sources: readonly MigrationSource[]): Origins {
  return (whole) => {
    const { source, path } = sourceAt(sources, whole);
    const { document, file } = source;
    const item = path.slice(0, 2);
    // A migration that is one text has all its ids in it.
    const isText = path[0] === 'migrations' && typeof valueAt(document.tree, item) === 'string';
    const isPart = path.at(-1) === 'groupId' || path.at(-1) === 'liveMigrationId';
    const place = isText && isPart ? item : path;
    if (valueAt(document.tree, place) === undefined) return { kind: 'default' };
    return {
      kind: 'file',
      file,
      line: document.lineOf(place),
      variables: document.expanded.get(formatPath(place)) ?? [],
    };
  };
}
