import { spelling } from './suggest.ts';

/** Returns whether a key asks for a secret itself (`privateKey`, `client_secret`), not for a file that holds one. */
export function isSecretKey(key: string): boolean {
  return /(secret|password|passwd|token|privatekey|privateapikey|apikey)$/.test(spelling(key));
}

/** Returns whether a value at this place must not be shown because of the name of its key. */
export function isConfidentialKey(key: string): boolean {
  return /secret|passw|token|private|apikey|credential/.test(spelling(key));
}

/** Returns whether a text may be a secret by its looks: an Atlas private key, a service account secret, or an address with a login or query. */
export function looksSecret(text: string): boolean {
  return (
    isPrivateKeyShape(text) ||
    isServiceAccountSecretShape(text) ||
    text.includes('@') ||
    hasQuery(text) ||
    /[A-Za-z0-9_+/=-]{32}/.test(text)
  );
}

/** In linear time, as the text can be anything. */
function hasQuery(text: string): boolean {
  const start = text.indexOf('?');
  return start >= 0 && text.includes('=', start);
}

/** Returns whether a text contains a UUID, the shape of Atlas private keys. */
export function isPrivateKeyShape(text: string): boolean {
  return /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.test(text);
}

/** Returns whether a text begins like an Atlas secret of a service account. */
export function isServiceAccountSecretShape(text: string): boolean {
  return /mdb_sa_sk_/.test(text);
}
