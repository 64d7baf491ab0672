const wide =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uff01-\uff60]/u;
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

const segmenter = new Intl.Segmenter();

function graphemes(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

function widthOf(grapheme: string): number {
  return wide.test(grapheme) ? 2 : 1;
}
