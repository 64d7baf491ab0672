/** A text of the program for people, and where it is. */
export interface SourceText {
  readonly line: number;
  readonly text: string;
}

/** Comments, texts in three kinds of quotes, and what stands between tags; in this order at each place. */
const tokens =
  /\/\*[\s\S]*?\*\/|(?<![:\w])\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=>)[^<>{}=;()]+(?=<\/|\{)/g;

/**
 * Returns the texts for people in a source file: what has several words, or begins with a capital letter. A single word
 * in lower case may be a key, a field or a class. What a template inserts stands as a dash; markup and styles are left out.
 */
export function textsOf(source: string): SourceText[] {
  return [...source.matchAll(tokens)].flatMap(({ 0: token, index }) => {
    if (token.startsWith('/')) return [];
    const line = source.slice(0, index).split('\n').length;
    const inner = /^['"`]/.test(token) ? token.slice(1, -1) : token;
    const insertions = token.startsWith('`') ? [...inner.matchAll(insertion)].map(([code]) => code) : [];
    const text = inner.replaceAll(insertion, '–').replaceAll(tag, ' ').trim();
    const isForPeople = !isStyle.test(text) && (/\S\s+\S/.test(text) || /^[A-Z][a-z]/.test(text));
    return [
      ...(isForPeople ? [{ line, text }] : []),
      ...insertions.flatMap((code) => textsOf(code).map((found) => ({ ...found, line }))),
    ];
  });
}

/** Code within a template; deeper templates are not looked into. */
const insertion = /\$\{[^{}`]*\}/g;
const tag = /<[^<>]*>/g;
const isStyle = /^[:.@][\w-]+[^{}]*\{/;
