import { patternFault } from './event-pattern.ts';
import {
  keysFault,
  keysIn,
  pagerDutyAddress,
  passwordFault,
  routingKeyFault,
  tokenFault,
} from './notification-texts.ts';
import type { Config } from './schema.ts';
import { type NotificationContext, SecretFinder, variableOf } from './secret-finder.ts';
import type { NotificationSettings, PingSettings, SinkSettings } from './sink-settings.ts';

/** Who is notified, with all secrets; or everything wrong with that, in sentences without secrets. */
export type NotificationsResult =
  | {
      readonly ok: true;
      readonly notifications: NotificationSettings;
      /** Where each secret comes from, for people: `notify[0].url` from `$CREDENTIALS_DIRECTORY/notify-on-call-url`. */
      readonly sources: NotificationSources;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

export type NotificationSources = ReadonlyMap<string, string>;

/** Nobody is notified. */
export const noNotifications: NotificationSettings = { sinks: [], ping: undefined };

type Receiver = Config['notify'][number];
type Ping = NonNullable<Config['ping']>;

/**
 * Finds the addresses and secrets of all receivers and of the ping: in $CREDENTIALS_DIRECTORY (systemd), in files, or in
 * the configuration. Two sources for the same one are refused. Reads files each time. Never rejects.
 */
export async function loadNotifications(
  { notify, ping, migrations }: Pick<Config, 'notify' | 'ping' | 'migrations'>,
  context: NotificationContext,
): Promise<NotificationsResult> {
  const pingSecretFinder = new SecretFinder(['ping'], context);
  const receivers = notify.map((receiver, index) => ({
    receiver,
    finder: new SecretFinder(['notify', index], context, receiver.name),
  }));
  const [pingSettings, ...sinks] = await Promise.all([
    ping === undefined ? undefined : loadPing(ping, pingSecretFinder),
    ...receivers.map(({ receiver, finder }) => loadReceiver(receiver, finder, context)),
  ]);
  for (const { receiver, finder } of receivers)
    finder.warnings.push(...labelWarnings(receiver, finder, migrations));
  const finders = [...receivers.map(({ finder }) => finder), pingSecretFinder];
  const problems = new Set(finders.flatMap((finder) => finder.problems));
  if (problems.size > 0) return { ok: false, problems: [...problems] };
  return {
    ok: true,
    notifications: { sinks: sinks.filter((sink) => sink !== undefined), ping: pingSettings },
    sources: new Map(finders.flatMap((finder) => [...finder.sources])),
    warnings: finders.flatMap((finder) => finder.warnings),
  };
}

/** Returns the settings; undefined where there is a problem. */
async function loadReceiver(
  receiver: Receiver,
  finder: SecretFinder,
  { events: known }: NotificationContext,
): Promise<SinkSettings | undefined> {
  const { name, type, level, events, labels, timeout, giveUpAfter } = receiver;
  for (const [index, pattern] of events.entries()) {
    const fault = patternFault(pattern, known.stored, known.all);
    if (fault !== undefined) finder.refuse(fault, `events[${index}]`);
  }
  const address = await finder.address(receiver, {
    name: `receiver ${name}`,
    systemd: `notify-${name}-url`,
    type,
    usual: type === 'pagerduty' ? pagerDutyAddress : undefined,
  });
  const own = await loadOwn(receiver, address, finder);
  if (address === undefined || own === undefined) return undefined;
  const proxy = type === 'email' ? undefined : finder.proxy(address);
  const url = type === 'email' ? withoutPassword(address) : address;
  return { name, url, level, events, labels, timeout, giveUpAfter, proxy, ...own };
}

/** What each type of receiver has of its own. */
type Own<Sink = SinkSettings> = Sink extends SinkSettings
  ? Omit<Sink, Exclude<keyof SinkSettings, 'type'>>
  : never;

async function loadOwn(
  receiver: Receiver,
  address: string | undefined,
  finder: SecretFinder,
): Promise<Own | undefined> {
  const { name, type, secretFile } = receiver;
  const systemd = `notify-${name}-secret`;
  const sources = finder.file('secretFile', secretFile);
  switch (type) {
    case 'slack':
    case 'teams':
      return { type };
    case 'webhook': {
      const wanted = { name: `list of keys of receiver ${name}`, systemd, sources, faultOf: keysFault };
      const text = await finder.find('secret', wanted);
      return text === false ? undefined : { type, keys: text === undefined ? [] : keysIn(text) };
    }
    case 'pagerduty': {
      const wanted = { name: `routing key of receiver ${name}`, systemd, sources, faultOf: routingKeyFault };
      const routingKey = await finder.find('secret', wanted);
      if (routingKey === undefined)
        finder.refuse(
          `has no routing key; name its file as secretFile, or give $${variableOf(systemd)} or the systemd credential ${systemd}.`,
        );
      return routingKey === undefined || routingKey === false ? undefined : { type, routingKey };
    }
    case 'email':
      return loadMail(receiver, address, finder);
  }
}

async function loadMail(
  { name, passwordFile, from = '', to = [] }: Receiver,
  address: string | undefined,
  finder: SecretFinder,
): Promise<Own | undefined> {
  const systemd = `notify-${name}-secret`;
  const { username, password: within } = new URL(address ?? 'smtp://unknown');
  if (within !== '' && finder.isWritten)
    finder.refuse(
      'has the password in it; remove it, and name its file as passwordFile, or take the whole address from a variable or a file.',
      'url',
    );
  const inAddress = { label: 'the address', text: decodeURIComponent(within) };
  const password = await finder.find('password', {
    name: `password of receiver ${name}`,
    systemd,
    sources: [...finder.file('passwordFile', passwordFile), ...(within === '' ? [] : [inAddress])],
    faultOf: passwordFault,
  });
  if (address === undefined || password === false) return undefined;
  if (username !== '' && password === undefined)
    finder.refuse(
      `has a user in its address and no password; name the file of the password as passwordFile, or give $${variableOf(systemd)} or the systemd credential ${systemd}.`,
    );
  if (username === '' && password !== undefined)
    finder.refuse(
      'has a password and no user; write the user into the address, as in smtps://user@host:465.',
    );
  return { type: 'email', password, from, to };
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  if (url.password === '') return address;
  url.password = '';
  return url.href;
}

async function loadPing(ping: Ping, finder: SecretFinder): Promise<PingSettings | undefined> {
  const url = await finder.address(ping, { name: 'ping', systemd: 'ping-url', type: 'ping' });
  const token = await finder.find('token', {
    name: 'token of the ping',
    systemd: 'ping-token',
    sources: finder.file('tokenFile', ping.tokenFile),
    faultOf: tokenFault,
  });
  if (url === undefined || token === false) return undefined;
  return { url, token, every: ping.every, proxy: finder.proxy(url) };
}

function labelWarnings(
  { labels }: Receiver,
  { at }: SecretFinder,
  migrations: Config['migrations'],
): readonly string[] {
  const wanted = Object.entries(labels);
  const isAny = migrations.some((target) => wanted.every(([key, value]) => target.labels[key] === value));
  return isAny ? [] : [`${at}.labels: no migration has all of these, so nothing about a migration is sent.`];
}
