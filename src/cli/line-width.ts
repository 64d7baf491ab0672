/**
 * The clusters of two columns: those that begin with a wide character (UAX #11, East Asian Width W and F), those that
 * are shown as emoji by a variation selector, and half-width Katakana with a sound mark, which has a column of its own.
 */
const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|[\ufe0f\uff9e\uff9f]/u;
const cutMark = '…';

/** Returns how many columns of a terminal a text without control characters takes. */
export function lineWidth(text: string): number {
  return graphemes(text).reduce((sum, grapheme) => sum + widthOf(grapheme), 0);
}

/** Returns the text, cut and marked where it would take more than this many columns. */
export function cutToWidth(text: string, columns: number): string {
  if (lineWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let cut = '';
  let left = columns - 1;
  for (const grapheme of graphemes(text)) {
    left -= widthOf(grapheme);
    if (left < 0) break;
    cut += grapheme;
  }
  return cut.trimEnd() + cutMark;
}

/** An address stays with the word before it: at the beginning of a line it would look like one of its own. */
const breaks = / (?!https?:\/\/)/;

/** Returns the text in lines of at most this many columns, broken at its spaces; a longer word keeps a line to itself. */
export function wrapToWidth(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const word of text.split(breaks)) {
    const wordWidth = lineWidth(word);
    if (line !== '' && width + 1 + wordWidth > columns) {
      lines.push(line);
      line = '';
      width = 0;
    }
    width += wordWidth + (line === '' ? 0 : 1);
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

const segmenter = new Intl.Segmenter();

function graphemes(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

function widthOf(grapheme: string): number {
  return wide.test(grapheme) ? 2 : 1;
}
