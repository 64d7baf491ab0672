/** The mark at the end of a text that was cut. */
const cutMark = '… [cut]';

/**
 * Returns remote text made fit for one log line: control characters and runs of white space become one space,
 * half surrogate pairs (which strict JSON readers refuse) become U+FFFD, and what is longer than `maxLength`
 * characters is cut and marked.
 */
export function cleanText(text: string, maxLength: number): string {
  const flat = text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .toWellFormed();
  if (flat.length <= maxLength) return flat;
  return flat.slice(0, maxLength - cutMark.length).toWellFormed() + cutMark;
}
