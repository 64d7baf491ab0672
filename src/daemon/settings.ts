import { type CredentialsResult, loadCredentials, secretsOf } from '../config/credentials.ts';
import { secretsOfDatabase } from '../config/database-address.ts';
import { loadConfig } from '../config/load.ts';
import {
  loadNotifications,
  type NotificationSources,
  type NotificationsResult,
  noNotifications,
} from '../config/notification-secrets.ts';
import type { Origins } from '../config/origins.ts';
import { proxySecrets } from '../config/proxy.ts';
import { secretsOfAddressesIn, secretsOfNotifications } from '../config/receiver-secrets.ts';
import type { Config } from '../config/schema.ts';
import type { CredentialEffects } from '../config/sourced-text.ts';
import { loadStateSettings, type StateResult, type StateSettings } from '../config/state-settings.ts';
import { catalogue } from '../events/catalogue.ts';
import type { Redactor } from '../events/redactor.ts';
import { IncludeReader } from './included-files.ts';
import { planWarnings } from './plan.ts';
import { files, type Patience } from './read-file.ts';
import type { SessionSettings } from './session.ts';

/** A configuration without credentials, for commands that send nothing to Atlas. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
  readonly state: StateSettings;
}

type Access = Extract<CredentialsResult, { ok: true }>;

/** The settings, their sources, and the redactor of their secrets. */
export interface Settings extends LoadedConfig, SessionSettings, Pick<Access, 'sources'> {
  /** The content of the configuration file. */
  readonly content: string;
  /** The files that it includes. */
  readonly included: IncludeReader;
  readonly redactor: Redactor;
  readonly notificationSources: NotificationSources;
  /** Where the address of the database with the state comes from, for people; undefined for a file. */
  readonly stateSource: string | undefined;
}

/** The settings of a configuration file and the environment, or all their problems. */
export type SettingsResult =
  | {
      readonly ok: true;
      readonly settings: Settings;
      readonly warnings: readonly string[];
      readonly origins: Origins;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

interface ReadOptions {
  readonly wait?: Patience;
  readonly included?: IncludeReader;
  /** Where false, nobody is notified, and what is wrong with `notify` and `ping` beyond their schema does not matter. */
  readonly notifies: boolean;
}

/**
 * Reads the configuration, the credentials, and the secrets of those who are notified; `wait` says how long. Secrets are
 * registered with the redactor as they are read. `included` knows the files that were included before.
 */
export async function readSettings(
  file: string,
  redactor: Redactor,
  { wait, included = new IncludeReader(file), notifies }: ReadOptions,
): Promise<SettingsResult> {
  let content = '';
  const read = async (path: string): Promise<string> => {
    content = await files.readText(path, wait);
    return content;
  };
  const loaded = await loadConfig({
    file,
    env: process.env,
    readFile: read,
    readIncluded: (patterns) => included.read(patterns, wait),
  });
  if (!loaded.ok) return loaded;
  const { config, origins } = loaded;
  registerSecretsIn(config, redactor);
  const access = await loadCredentialsOf(config, redactor, wait);
  const notified = notifies ? await loadNotificationsOf(loaded, redactor, wait) : nobody;
  const kept = await loadStateOf(config, redactor, wait);
  if (!access.ok || !notified.ok || !kept.ok) {
    const wrong = [notified, kept].flatMap((part) => (part.ok ? [] : part.problems));
    const named = wrong.map((problem) => `${file}: ${problem}`);
    return { ok: false, problems: [...(access.ok ? [] : access.problems), ...named] };
  }
  const { state, source: stateSource } = kept;
  const { credentials, sources } = access;
  const { notifications, sources: notificationSources } = notified;
  const more = [...kept.warnings, ...notified.warnings, ...planWarnings(config)].map(
    (sentence) => `${file}: ${sentence}`,
  );
  const warnings = [...loaded.warnings, ...access.warnings, ...more];
  const secrets = { credentials, sources, notifications, notificationSources, state, stateSource };
  return { ok: true, settings: { file, content, config, ...secrets, included, redactor }, warnings, origins };
}

const nobody: NotificationsResult = {
  ok: true,
  notifications: noNotifications,
  sources: new Map(),
  warnings: [],
};

/** Registers the secrets that a configuration has in itself with the redactor. */
export function registerSecretsIn(config: Config, redactor: Redactor): void {
  for (const secret of [...proxySecrets(config.proxy), ...secretsOfAddressesIn(config)])
    redactor.register(secret);
}

async function loadNotificationsOf(
  { config, origins }: Extract<Awaited<ReturnType<typeof loadConfig>>, { ok: true }>,
  redactor: Redactor,
  wait: Patience | undefined,
): Promise<NotificationsResult> {
  const result = await loadNotifications(config, { ...effectsOf(wait), origins, events: eventNames() });
  if (result.ok) for (const secret of secretsOfNotifications(result.notifications)) redactor.register(secret);
  return result;
}

/** Returns the names of all events, and of those that are stored. */
export function eventNames(): { readonly all: readonly string[]; readonly stored: readonly string[] } {
  const events = Object.entries(catalogue);
  const stored = events.filter(
    ([, { durable, fields }]) => durable !== false && Object.hasOwn(fields.shape, 'eventId'),
  );
  return { all: events.map(([name]) => name), stored: stored.map(([name]) => name) };
}

/** Reads only the credentials, from the sources that a configuration names. Secrets are registered with the redactor. */
export async function loadCredentialsOf(
  config: Config,
  redactor: Redactor,
  wait?: Patience,
): Promise<CredentialsResult> {
  const access = await loadCredentials(config.atlas.auth, effectsOf(wait));
  if (access.ok) for (const secret of secretsOf(access.credentials)) redactor.register(secret);
  return access;
}

/** Finds where the state is kept. The address of a database is registered with the redactor. */
export async function loadStateOf(config: Config, redactor: Redactor, wait?: Patience): Promise<StateResult> {
  const result = await loadStateSettings(config, effectsOf(wait));
  if (result.ok && result.state.kind === 'database')
    for (const secret of secretsOfDatabase(result.state.url)) redactor.register(secret);
  return result;
}

function effectsOf(wait: Patience | undefined): CredentialEffects {
  return {
    env: process.env,
    readFile: (path) => files.readText(path, wait),
    stat: (path) => files.stat(path, wait),
  };
}
