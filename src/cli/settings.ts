import { readFile, stat } from 'node:fs/promises';
import { findConfigFile } from '../config/config-file.ts';
import { type CredentialsResult, loadCredentials, secretsOf } from '../config/credentials.ts';
import { loadConfig } from '../config/load.ts';
import { proxySecrets } from '../config/proxy.ts';
import type { Config } from '../config/schema.ts';
import { schedulesOf } from '../daemon/policy.ts';
import type { WatchSettings } from '../daemon/watching.ts';
import { Redactor } from '../events/redactor.ts';
import { capacityWarnings } from '../watch/schedule/capacity.ts';
import { say } from './terminal.ts';

/** A configuration alone, for what asks nothing of Atlas. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
}

type Access = Extract<CredentialsResult, { ok: true }>;

/** What to watch and how, where that was read, and what knows every secret of it. */
export interface SignedSettings extends LoadedConfig, WatchSettings, Pick<Access, 'sources'> {
  /** What the file held. */
  readonly content: string;
  readonly redactor: Redactor;
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8');

/** Loads the configuration; says all that is wrong with it on standard error, and then returns undefined. */
export async function loadConfigAlone(option: string | undefined): Promise<LoadedConfig | undefined> {
  const file = findConfigFile(option, process.env);
  const result = await loadConfig({ file, env: process.env, readFile: readText });
  if (!result.ok) {
    say(...result.problems);
    return undefined;
  }
  return { file, config: result.config };
}

/** Everything that a configuration file and the environment say, or everything that is wrong with them. */
export type SettingsResult =
  | { readonly ok: true; readonly settings: SignedSettings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the configuration and the credentials. Secrets are registered with the redactor as they are read. */
export async function readSettings(file: string, redactor: Redactor): Promise<SettingsResult> {
  let content = '';
  const read = async (path: string): Promise<string> => {
    content = await readText(path);
    return content;
  };
  const loaded = await loadConfig({ file, env: process.env, readFile: read });
  if (!loaded.ok) return loaded;
  const { config } = loaded;
  for (const secret of proxySecrets(config.proxy)) redactor.register(secret);
  const access = await readAccess(config, redactor);
  if (!access.ok) return access;
  const { credentials, sources } = access;
  const warnings = [...access.warnings, ...misfits(config).map((sentence) => `${file}: ${sentence}`)];
  return { ok: true, settings: { file, content, config, credentials, sources, redactor }, warnings };
}

/** Reads the credentials alone, from where a configuration says. Secrets are registered with the redactor. */
export async function readAccess(config: Config, redactor: Redactor): Promise<CredentialsResult> {
  const access = await loadCredentials(config.atlas.auth, { env: process.env, readFile: readText, stat });
  if (access.ok) for (const secret of secretsOf(access.credentials)) redactor.register(secret);
  return access;
}

/** Loads the configuration and the credentials; says all that is wrong with both, and then returns undefined. */
export async function loadSignedSettings(option: string | undefined): Promise<SignedSettings | undefined> {
  const result = await readSettings(findConfigFile(option, process.env), new Redactor());
  say(...(result.ok ? result.warnings : result.problems));
  return result.ok ? result.settings : undefined;
}

function misfits(config: Config): readonly string[] {
  const { standard, approaching } = schedulesOf(config);
  const intervals = { standard: standard.intervalMs, approaching: approaching.intervalMs };
  return capacityWarnings(config.migrations, intervals, config.atlas.requestsPerMinute);
}
