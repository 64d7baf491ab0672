import type { MigrationRow } from '../data/migration-row.ts';

/** The rows that share the value of one label. */
export interface Group {
  readonly value: string;
  /** In the order of the list; never empty. */
  readonly rows: readonly MigrationRow[];
}

/** More rows than this are grouped where a label allows it. */
const mostRows = 60;
/** Groups by themselves are at least so large on average. */
const leastRows = 3;

/** Returns the names of all labels, sorted. */
export function labelNames(rows: readonly MigrationRow[]): readonly string[] {
  return [...new Set(rows.flatMap(({ view: { labels = {} } }) => Object.keys(labels)))].toSorted();
}

/**
 * Returns the label that many rows are grouped by if nobody chooses another: the one that most of them have; of equals,
 * the one with the fewest values. Undefined for few rows, and where most have no label in common.
 */
export function usualGroup(rows: readonly MigrationRow[]): string | undefined {
  if (rows.length <= mostRows) return undefined;
  return labelNames(rows)
    .map((name) => {
      const values = rows.flatMap(({ view: { labels = {} } }) => labels[name] ?? []);
      return { name, having: values.length, kinds: new Set(values).size };
    })
    .filter(({ having, kinds }) => having * 2 > rows.length && kinds > 1 && kinds * leastRows <= having)
    .toSorted((one, other) => other.having - one.having || one.kinds - other.kinds)
    .at(0)?.name;
}

/** Returns the rows by their value of a label; groups are in the order of their first rows. */
export function groupsOf(rows: readonly MigrationRow[], name: string): readonly Group[] {
  const groups = Map.groupBy(rows, ({ view: { labels = {} } }) => labels[name] ?? '');
  return [...groups].map(([value, members]) => ({ value, rows: members }));
}
