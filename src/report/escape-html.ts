import { cleanText } from '../atlas/clean-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Returns a text on one line that HTML and SVG take for nothing but text, also within quotes. */
export function escapeHtml(text: string): string {
  return cleanText(text, Number.POSITIVE_INFINITY).replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
