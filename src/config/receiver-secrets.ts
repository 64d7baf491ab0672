import { pagerDutyAddress } from './notification-texts.ts';
import { decoded } from './percent-encoding.ts';
import { proxySecrets } from './proxy.ts';
import type { Config } from './schema.ts';
import { isConfidentialKey } from './secret-shapes.ts';
import type { NotificationSettings, SinkSettings } from './sink-settings.ts';

/** A part of an address that is at least this long is taken for a secret; a shorter one may be a plain word. */
const minPartLength = 16;

/** Returns all secrets of receivers and ping, in each form in which a part of them may be shown. */
export function secretsOfNotifications({ sinks, ping }: NotificationSettings): readonly string[] {
  const all = [...sinks.flatMap(secretsOfSink), ...(ping === undefined ? [] : secretsOfPing(ping))];
  return [...new Set(all)];
}

/** Returns the secrets that the configuration itself has: addresses, also those that nobody has checked. */
export function secretsOfAddressesIn({ notify, ping }: Pick<Config, 'notify' | 'ping'>): readonly string[] {
  return [...notify, ...(ping === undefined ? [] : [ping])].flatMap(({ url }) =>
    url === undefined ? [] : secretsOfAddress(url),
  );
}

function secretsOfSink(sink: SinkSettings): readonly string[] {
  const { url, proxy } = sink;
  const common = [...secretsOfAddress(url), ...proxySecrets(proxy)];
  switch (sink.type) {
    case 'slack':
    case 'teams':
      return common;
    case 'webhook':
      return [...common, ...sink.keys.flatMap((key) => [key, key.replace(/^whsec_/, '')])];
    case 'pagerduty':
      return [...common, sink.routingKey];
    case 'email': {
      const { password } = sink;
      return password === undefined ? common : [...common, ...secretsOfLogin(userOf(url), password)];
    }
  }
}

function secretsOfPing({ url, token, proxy }: NonNullable<NotificationSettings['ping']>): readonly string[] {
  return [...secretsOfAddress(url), ...proxySecrets(proxy), ...(token === undefined ? [] : [token])];
}

/** Returns the user in an address, decoded; empty for none. */
function userOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

/** SASL's PLAIN encodes user and password together. */
function secretsOfLogin(user: string, password: string): readonly string[] {
  return [password, `${user}:${password}`, `\0${user}\0${password}`];
}

/** Returns an address and what in it may be secret. A host may be named, and a plain word may be a word of a sentence. */
function secretsOfAddress(text: string): readonly string[] {
  if (text === pagerDutyAddress) return [];
  if (!URL.canParse(text)) return [text];
  const { href, pathname, search, searchParams, username, password } = new URL(text);
  const parts = [...pathname.split('/'), username].filter(({ length }) => length >= minPartLength);
  const values = [...searchParams].filter(
    ([name, value]) =>
      value.length >= minPartLength || isConfidentialKey(name) || /sig|key|code|auth/i.test(name),
  );
  const encoded = [
    ...(pathname + search === '/' ? [] : [pathname + search]),
    ...parts,
    ...search
      .slice(1)
      .split(/[&=]/)
      .filter(({ length }) => length >= minPartLength),
    ...(password === '' ? [] : [password, `${username}:${password}`]),
  ];
  const decodedLogin =
    password === '' ? [] : secretsOfLogin(decoded(username) ?? username, decoded(password) ?? password);
  return [
    ...[text, href].flatMap((address) => [address, address.replace(/\/$/, '')]),
    ...encoded,
    ...encoded.map((part) => decoded(part) ?? part),
    ...values.map(([, value]) => value),
    ...decodedLogin,
  ].filter((secret) => secret !== '');
}
