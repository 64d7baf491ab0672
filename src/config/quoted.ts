/** Everything that takes no ink, but the plain space. */
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}]|(?! )\p{Z}/gu;

/** Returns a text in quotes as JSON writes it, with invisible characters as escapes such as `\u200b`. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(INVISIBLE, escaped);
}

/** An astral character is two escapes, as in JSON. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
