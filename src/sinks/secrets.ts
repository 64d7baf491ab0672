import type { SinkSettings } from '../config/sink-settings.ts';

const mark = '[redacted]';
/** A shorter part of an address matches harmless words. */
const shortestPart = 8;
/** Parts of addresses that are the same for everybody. */
const words: ReadonlySet<string> = new Set([
  'services',
  'webhooks',
  'workflows',
  'triggers',
  'powerautomate',
  'automations',
]);
const shortestSecret = 4;

/**
 * Returns the secrets of a receiver, the longest first: its address, and the parts of it that a reply may quote alone.
 * The host is none.
 */
export function secretsOf(settings: SinkSettings): readonly string[] {
  const { href, username, password, pathname, search, searchParams } = new URL(settings.url);
  const parts = [pathname + search, ...pathname.split('/'), ...searchParams.values(), decodeText(pathname)];
  const own = [settings.url, href, decodeText(password), password, ...keysOf(settings)];
  const login = settings.type === 'email' ? [] : [username];
  return [
    ...parts.filter(isPart),
    ...[...own, ...login].filter(({ length }) => length >= shortestSecret),
  ].toSorted((one, other) => other.length - one.length);
}

function isPart(text: string): boolean {
  return text.length >= shortestPart && !words.has(text);
}

/** Returns a text without these secrets. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, mark), text);
}

function keysOf(settings: SinkSettings): readonly string[] {
  switch (settings.type) {
    case 'webhook':
      return settings.keys.flatMap((key) => [key, key.replace(/^whsec_/, '')]);
    case 'pagerduty':
      return [settings.routingKey];
    case 'email':
      return settings.password === undefined
        ? []
        : [settings.password, Buffer.from(settings.password).toString('base64')];
    case 'slack':
    case 'teams':
      return [];
  }
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
