import { isLoopback } from './address-schemas.ts';
import { credentialFault } from './credential-text.ts';
import { decoded } from './percent-encoding.ts';
import type { Config } from './schema.ts';

type ReceiverType = Config['notify'][number]['type'];

/** The same for all accounts but those in the European service region. */
export const pagerDutyAddress = 'https://events.pagerduty.com/v2/enqueue';

const maxAddress = 2_000;
const maxPassword = 1_000;
/** Each adds a signature to every request. Two are in use during a rotation. */
const maxKeys = 10;
/** What Standard Webhooks says of the bytes of a key. */
const keyBytes = { min: 24, max: 64 } as const;
/** A shorter secret is not redacted (`events/redactor.ts`): it would match harmless text. */
const minSecretLength = 4;

// Each function returns what is wrong with a text, as the rest of a sentence that holds nothing of it.

/** Returns what is wrong with the address of a receiver or a ping. */
export function addressFault(text: string, type: ReceiverType | 'ping'): string | undefined {
  const usual = type === 'email' ? 'smtps://user@host:465' : 'https://host/path';
  if (text === '') return `is empty. Put an address such as ${usual} there.`;
  if (text.length > maxAddress) return `has more than ${maxAddress} characters. Put the address alone there.`;
  // URL drops tabs and line breaks, trims, and takes a backslash for a slash.
  if (/[\s\\\p{Cc}]/u.test(text))
    return 'contains a space, a line break or a backslash. Put the address alone there, on one line.';
  if (!URL.canParse(text)) return `is not an address. Write it with its scheme and host, such as ${usual}.`;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  const schemes = type === 'email' ? ['smtps:', 'smtp:'] : ['https:', 'http:'];
  if (!schemes.includes(protocol) || hostname === '') {
    const wanted = schemes.map((scheme) => `${scheme}//`).join(' or ');
    return `does not begin with ${wanted} and a host. Write an address such as ${usual}.`;
  }
  if (hash !== '' || text.endsWith('#')) return 'contains a #, and what follows is never sent. Remove it.';
  if (decoded(username) === undefined || decoded(password) === undefined)
    return 'has a user name or password with a % that encodes nothing. Write %25 for a percent sign.';
  if (type === 'email' && (!['', '/'].includes(pathname) || search !== ''))
    return `has something after the host and port. Remove it, as in ${usual}.`;
  return undefined;
}

/** Returns whether others on the way can read what is sent to an address. */
export function isOpenAddress(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === 'http:' && !isLoopback(hostname);
}

/** Returns the keys in a text that has each on a line of its own, without those that are there twice. */
export function keysIn(text: string): readonly string[] {
  return [...new Set(linesOf(text).map(({ key }) => key))];
}

/** Returns what is wrong with a text of keys for Standard Webhooks. */
export function keysFault(text: string): string | undefined {
  const how = `Write whsec_ and ${keyBytes.min} to ${keyBytes.max} bytes in base64, a key a line. A new key: echo whsec_$(openssl rand -base64 32)`;
  if (text.length > 10_000) return `has more than 10,000 characters. ${how}`;
  const lines = linesOf(text);
  if (lines.length === 0) return `is empty. ${how}`;
  if (lines.length > maxKeys)
    return `has ${lines.length} keys; ${maxKeys} are the most. Remove those that no receiver uses any more.`;
  const wrong = lines.flatMap(({ key, line }) => {
    const fault = keyFault(key);
    return fault === undefined ? [] : [`${fault} on line ${line}`];
  });
  return wrong.length === 0 ? undefined : `has ${wrong.join(', and ')}. ${how}`;
}

function linesOf(text: string): readonly { readonly key: string; readonly line: number }[] {
  return text
    .split('\n')
    .map((key, index) => ({ key: key.trim(), line: index + 1 }))
    .filter(({ key }) => key !== '');
}

function keyFault(key: string): string | undefined {
  if (/^whsk_|^whpk_/.test(key)) return 'an asymmetric key';
  if (!key.startsWith('whsec_')) return 'a key without whsec_';
  const base64 = key.slice('whsec_'.length);
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return 'a key that is not base64';
  return bytes.length < keyBytes.min || bytes.length > keyBytes.max
    ? `a key of ${bytes.length} bytes`
    : undefined;
}

/** Returns what is wrong with a routing key of PagerDuty. */
export function routingKeyFault(text: string): string | undefined {
  return /^[A-Za-z0-9]{32}$/.test(text)
    ? undefined
    : 'is not 32 letters and digits on one line. Copy the integration key of a service of PagerDuty, type Events API V2.';
}

/** Returns what is wrong with a password. It may have spaces, and any characters. */
export function passwordFault(text: string): string | undefined {
  if (text === '') return 'is empty. Put the password there, or remove the source.';
  if (text.length > maxPassword)
    return `has more than ${maxPassword} characters. Put the password alone there.`;
  if (/\p{Cc}/u.test(text))
    return 'contains a line break or a control character. Put the password alone there, on one line.';
  return text.length < minSecretLength
    ? `has fewer than ${minSecretLength} characters, so it could not be hidden in the log. Use a longer password.`
    : undefined;
}

/** Returns what is wrong with a bearer token. */
export function tokenFault(text: string): string | undefined {
  if (text.length > maxAddress) return `has more than ${maxAddress} characters. Put the token alone there.`;
  return credentialFault(text, { name: 'token', isSecret: true });
}
