import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const cutMark = '…';

/** Returns the text, cut and marked where it would take more than this many columns. */
export function cutToWidth(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  if (columns < 1) return '';
  const [head = ''] = wrapAnsi(text, columns - 1, { hard: true, wordWrap: false, trim: false }).split('\n');
  // The first character can be wider than the line.
  return (stringWidth(head) < columns ? head.trimEnd() : '') + cutMark;
}

/** An address stays with the word before it: at the beginning of a line, it would look like an item of a list. */
const beforeAddress = / (?=https?:\/\/)/g;

/**
 * Returns the text in lines of at most this many columns, broken at its spaces; a longer word keeps a line to itself.
 * A color ends with its line and begins again in the next.
 */
export function wrapToWidth(text: string, columns: number): readonly string[] {
  return wrapAnsi(text.replaceAll(beforeAddress, '\u00a0'), columns).replaceAll('\u00a0', ' ').split('\n');
}

/** Returns rows as text in aligned columns, two spaces apart; the first row holds the headings. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
