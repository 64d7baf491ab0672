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
 * in lower case may be a key, a field or a class. What a template inserts is left out.
 */
export function textsOf(source: string): SourceText[] {
  return [...source.matchAll(tokens)].flatMap(({ 0: token, index }) => {
    if (token.startsWith('/')) return [];
    const isQuoted = /^['"`]/.test(token);
    const inner = isQuoted ? token.slice(1, -1) : token;
    const text = (token.startsWith('`') ? withoutInsertions(inner) : inner).trim();
    const isForPeople = /\S\s+\S/.test(text) || /^[A-Z][a-z]/.test(text);
    return isForPeople ? [{ line: source.slice(0, index).split('\n').length, text }] : [];
  });
}

/** An insertion may hold templates of its own: their texts stay, with dashes in place of code. */
function withoutInsertions(template: string): string {
  return template.replaceAll(/\$\{[^{}'`]*\}/g, '–');
}
