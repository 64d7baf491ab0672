/** Container runtimes and syslog daemons split longer lines, and half a line is no JSON. */
export const maxLineBytes = 8 * 1024;

const cutMark = '… [cut]';

/**
 * Returns `record` cut so that its JSON takes at most `maxBytes` bytes: the longest text, list or map in it is
 * halved and marked until the whole fits. What fits already is returned as it is.
 */
export function fitLine<Line extends object>(record: Line, maxBytes = maxLineBytes): Line {
  let fitted = record;
  for (let size = byteLength(fitted); size > maxBytes; ) {
    const smaller = halveLongest(fitted);
    const smallerSize = byteLength(smaller);
    if (smallerSize >= size) return fitted;
    fitted = smaller;
    size = smallerSize;
  }
  return fitted;
}

function halveLongest<Line extends object>(record: Line): Line {
  const longest = longestOf(Object.entries(record), ([, value]) => value);
  return longest === undefined ? record : { ...record, [longest[0]]: halve(longest[1]) };
}

function halve(value: unknown): unknown {
  if (typeof value === 'string') {
    const kept = value.endsWith(cutMark) ? value.slice(0, -cutMark.length) : value;
    return kept.slice(0, Math.floor(kept.length / 2)).toWellFormed() + cutMark;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return halveList(value);
  return halveMap(value);
}

/** A map loses half of its longest value, or, where all of them are short, its second half. */
function halveMap(map: object): object {
  const shorter = halveLongest(map);
  if (byteLength(shorter) < byteLength(map)) return shorter;
  return { ...Object.fromEntries(firstHalf(Object.entries(map))), '…': cutMark };
}

/** A list loses its second half, or, where that is shorter than the mark for it, half of its longest item. */
function halveList(list: readonly unknown[]): unknown[] {
  const items = list.at(-1) === cutMark ? list.slice(0, -1) : list;
  const shorter = [...firstHalf(items), cutMark];
  if (items.length > 1 && byteLength(shorter) < byteLength(list)) return shorter;
  const longest = longestOf([...items.entries()], ([, item]) => item)?.[0];
  return list.map((item, index) => (index === longest ? halve(item) : item));
}

function longestOf<Entry>(entries: readonly Entry[], measured: (entry: Entry) => unknown): Entry | undefined {
  return entries.toSorted((a, b) => byteLength(measured(b)) - byteLength(measured(a)))[0];
}

function firstHalf<Item>(items: readonly Item[]): Item[] {
  return items.slice(0, Math.floor(items.length / 2));
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
