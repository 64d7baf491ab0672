/** Marks the end of a truncated text. */
const cutMark = '… [cut]';

/**
 * Returns remote text that fits in one log line. Control characters and runs of white space become one space. Half
 * surrogate pairs become U+FFFD, because strict JSON readers reject them. Text over `maxLength` characters is cut and
 * marked.
 */
export function cleanText(text: string, maxLength: number): string {
  const flat = text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .toWellFormed();
  if (flat.length <= maxLength) return flat;
  return flat.slice(0, maxLength - cutMark.length).toWellFormed() + cutMark;
}
