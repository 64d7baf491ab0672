import { cleanText } from '../atlas/clean-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Returns a text on one line, escaped for HTML and SVG, also within quoted attributes. */
export function escapeHtml(text: string): string {
  return cleanText(text, Number.POSITIVE_INFINITY).replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** Returns a text on one line, escaped for GitHub Flavored Markdown. */
export function escapeMarkdown(text: string): string {
  const flat = cleanText(text, Number.POSITIVE_INFINITY);
  // Mail addresses and mentions are links no matter how they are escaped, which is resolved before they are looked for
  // ("Autolinks", GitHub Flavored Markdown). In code they are none.
  return flat
    .split(/([\w.+:/~%@-]+)/)
    .map((part) => (part.includes('@') ? `\`${part}\`` : escapePlain(part)))
    .join('');
}

function escapePlain(text: string): string {
  return (
    text
      .replaceAll(/[\\`*_[\]|~#!]/g, '\\$&')
      // As entities, not with a backslash: a reader that knows only some Markdown must not see a tag either.
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // Bare addresses become links.
      .replaceAll('://', '\\://')
      .replaceAll(/www\./gi, (found) => `${found.slice(0, -1)}\\.`)
  );
}
