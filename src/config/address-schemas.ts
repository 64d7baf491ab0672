import { isIP } from 'node:net';
import { parseListenAddress } from './listen-address.ts';
import { leaf, Refusal } from './scalar-schema.ts';

/** Returns a schema for the address of Atlas: an origin, https unless it is this machine, read without a final slash. */
export function baseUrl() {
  return leaf<string>({
    read: readBaseUrl,
    remedy: 'an address such as https://cloud.mongodb.com',
    hints: { kind: 'https address', type: 'string', pattern: '^https?://[^/?#@]+/?$|\\$\\{' },
  });
}

function readBaseUrl(text: string): string | Refusal | undefined {
  // URL drops tabs and line breaks, trims, and takes a backslash for a slash.
  if (!URL.canParse(text) || /[\s\\\p{Cc}]/u.test(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return new Refusal('holds a user name or password; remove it, the credentials go under atlas.auth.');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return new Refusal('does not begin with https://; only an address on this machine may be http.');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]$/.test(text)) {
    return new Refusal(
      'has something after the host; write the scheme and host only, such as https://cloud.mongodb.com.',
    );
  }
  return url.origin;
}

/** Returns whether a host name, as `URL` gives it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (hostname.startsWith('127.') && isIP(hostname) === 4)
  );
}

/** Returns a schema for the address to listen on: `host:port` (port 0 for any free one), or false for none. */
export function listenAddress() {
  return leaf<string | false>({
    read: (text) => {
      if (text === 'false') return false;
      return parseListenAddress(text) === undefined ? undefined : text;
    },
    remedy: 'host:port such as 127.0.0.1:9464 or [::1]:9464, or false for no server',
    hints: {
      kind: '`host:port` or `false`',
      anyOf: [{ type: 'string', pattern: '^\\S+:[0-9]{1,5}$|^false$|\\$\\{' }, { const: false }],
    },
  });
}

/** Returns a schema for a host name, as it stands in a Host header: without scheme and port, in lower case. */
export function hostName() {
  return leaf<string>({
    read: (text) => (isHostName(text) ? text.toLowerCase() : undefined),
    remedy: 'a host name such as watch.example.com, without scheme and port',
    hints: { kind: 'host name', type: 'string', pattern: '^[A-Za-z0-9_.-]+$|\\$\\{' },
  });
}

/** Returns whether a text is a host name, without scheme and port. */
export function isHostName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(text)
  );
}
