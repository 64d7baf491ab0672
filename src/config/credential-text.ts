import { isPrivateKeyShape, isServiceAccountSecretShape } from './secret-shapes.ts';

/** A shorter secret is not redacted (`events/redactor.ts`): it would match harmless text. */
const minSecretLength = 4;

/** What no key of Atlas looks like, and what to do about it. Each clause follows the name of the key and its source. */
const WRAPPINGS: readonly { readonly shape: RegExp; readonly clause: string }[] = [
  { shape: /^["'`]|["'`]$/, clause: 'begins or ends with a quote. Remove the quotes.' },
  { shape: /^[A-Za-z_][A-Za-z0-9_]*=[^=]/, clause: 'is written as NAME=value. Keep only the value.' },
  {
    shape: /^\$|\$\{|\$\(|\{\{|^%\w+%$|^<.*>$/,
    clause: 'is a placeholder that was never replaced. Put the value itself there.',
  },
  {
    shape: /:\/\/|^(?:ENC\[|vault:|arn:|ref\+)/,
    clause: 'refers to a secret, or is an encrypted one. Let the secret manager put the secret itself there.',
  },
  { shape: /^(?:~|\.{1,2})?\//, clause: 'is a path. Name a file with the variable that ends in _FILE.' },
  { shape: /^[a-z]{8}:./, clause: 'holds two keys, with a colon in between. Keep only this one.' },
  { shape: /^[{[]/, clause: 'is a whole document. Keep only the value.' },
];

/**
 * Returns what is wrong with the text of a credential, as the rest of a sentence that holds nothing of it; undefined
 * for one that may be right. Atlas answers a key in quotes as it answers one without the right role, so this must be
 * found before it is sent.
 */
export function credentialFault(
  text: string,
  { name, isSecret }: { readonly name: string; readonly isSecret: boolean },
): string | undefined {
  const it = name.endsWith('key') ? 'key' : name;
  if (text === '') return `is empty. Put the ${it} there, or remove the source.`;
  if (/[\s\p{Cc}]/u.test(text)) {
    return `contains a space, a line break or a control character. Put only the ${it} there, on one line.`;
  }
  const [odd] = /[^\x21-\x7e]/u.exec(text) ?? [];
  if (odd !== undefined) return `contains ${describeOdd(odd)}. Type it again, or copy it from Atlas.`;
  const wrapping = WRAPPINGS.find(({ shape }) => shape.test(text));
  if (wrapping !== undefined) return wrapping.clause;
  if (isBase64(text)) return `is encoded in base64. Decode it, and put the ${it} itself there.`;
  if (isSecret && text.length < minSecretLength) {
    return `has fewer than ${minSecretLength} characters, so it could not be hidden in the log. Put the whole ${it} there.`;
  }
  return undefined;
}

/** A character that can be seen may belong to the secret, so it is not named. */
function describeOdd(character: string): string {
  if (character === '\uFFFD') return 'bytes that are not UTF-8';
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /[\p{C}\p{Default_Ignorable_Code_Point}]/u.test(character)
    ? `an invisible character (U+${code})`
    : 'a character that is not ASCII';
}

/** Returns whether a text is the base64 of other printable text: by chance, a key of sixteen characters hardly ever is. */
function isBase64(text: string): boolean {
  if (!/^[A-Za-z0-9+/]{8,1000}={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return false;
  const plain = bytes.toString('latin1');
  const isCertain = text.endsWith('=') || text.length >= 16 || plain.endsWith('\n');
  return isCertain && /^[\x21-\x7e]+\r?\n?$/.test(plain);
}

/** Returns whether a text given as the path of a file is a secret itself by its looks. */
export function isSecretAsPath(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return isPrivateKeyShape(name) || isServiceAccountSecretShape(name);
}

/** Returns a path for a sentence; a text without a folder and an ending is perhaps the secret itself, and is not shown. */
export function shownPath(path: string): string {
  const isPath = path.includes('/') || /^[\w-]+\.\w{1,8}$/.test(path);
  return isPath && !isSecretAsPath(path) ? path : 'not shown, as it may be the secret itself';
}
