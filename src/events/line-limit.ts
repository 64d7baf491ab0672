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
    fitted = halveLongest(fitted);
    const smaller = byteLength(fitted);
    if (smaller >= size) return fitted;
    size = smaller;
  }
  return fitted;
}

function halveLongest<Line extends object>(record: Line): Line {
  const [key, value] = Object.entries(record).reduce((longest, entry) =>
    byteLength(entry[1]) > byteLength(longest[1]) ? entry : longest,
  );
  return { ...record, [key]: halve(value) };
}

function halve(value: unknown): unknown {
  if (typeof value === 'string') {
    const kept = value.endsWith(cutMark) ? value.slice(0, -cutMark.length) : value;
    return kept.slice(0, Math.floor(kept.length / 2)).toWellFormed() + cutMark;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.length > 1 ? [...firstHalf(value), cutMark] : value.map((item) => halve(item));
  const entries = Object.entries(value);
  return entries.length > 1 ? Object.fromEntries(firstHalf(entries)) : halveLongest(value);
}

function firstHalf<Item>(items: readonly Item[]): Item[] {
  return items.slice(0, Math.floor(items.length / 2));
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
