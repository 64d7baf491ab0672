import { type CredentialsResult, loadCredentials, secretsOf } from '../config/credentials.ts';
import { loadConfig } from '../config/load.ts';
import type { Origins } from '../config/origins.ts';
import { proxySecrets } from '../config/proxy.ts';
import type { Config } from '../config/schema.ts';
import type { Redactor } from '../events/redactor.ts';
import { IncludeReader } from './included-files.ts';
import { planWarnings } from './plan.ts';
import { files, type Patience } from './read-file.ts';
import type { SessionSettings } from './session.ts';

/** A configuration without credentials, for commands that send nothing to Atlas. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
}

type Access = Extract<CredentialsResult, { ok: true }>;

/** The settings, their sources, and the redactor of their secrets. */
export interface Settings extends LoadedConfig, SessionSettings, Pick<Access, 'sources'> {
  /** The content of the configuration file. */
  readonly content: string;
  /** The files that it includes. */
  readonly included: IncludeReader;
  readonly redactor: Redactor;
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
}

/**
 * Reads the configuration and the credentials; `wait` says how long. Secrets are registered with the redactor as they
 * are read. `included` knows the files that were included before.
 */
export async function readSettings(
  file: string,
  redactor: Redactor,
  { wait, included = new IncludeReader(file) }: ReadOptions = {},
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
  for (const secret of proxySecrets(config.proxy)) redactor.register(secret);
  const access = await loadCredentialsOf(config, redactor, wait);
  if (!access.ok) return access;
  const { credentials, sources } = access;
  const capacity = planWarnings(config).map((sentence) => `${file}: ${sentence}`);
  const warnings = [...loaded.warnings, ...access.warnings, ...capacity];
  const settings = { file, content, config, credentials, sources, included, redactor };
  return { ok: true, settings, warnings, origins };
}

/** Reads only the credentials, from the sources that a configuration names. Secrets are registered with the redactor. */
export async function loadCredentialsOf(
  config: Config,
  redactor: Redactor,
  wait?: Patience,
): Promise<CredentialsResult> {
  const access = await loadCredentials(config.atlas.auth, {
    env: process.env,
    readFile: (path) => files.readText(path, wait),
    stat: (path) => files.stat(path, wait),
  });
  if (access.ok) for (const secret of secretsOf(access.credentials)) redactor.register(secret);
  return access;
}
