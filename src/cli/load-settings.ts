import { findConfigFile } from '../config/config-file.ts';
import { loadConfig } from '../config/load.ts';
import type { Origins } from '../config/origins.ts';
import { IncludeReader } from '../daemon/included-files.ts';
import { files, patience } from '../daemon/read-file.ts';
import {
  type LoadedConfig,
  loadCredentialsOf,
  loadStateOf,
  readSettings,
  registerSecretsIn,
  type Settings,
} from '../daemon/settings.ts';
import { Redactor } from '../events/redactor.ts';
import { say } from './terminal.ts';

/** The configuration, and where the state is. */
export interface Recorded extends LoadedConfig {
  /** Knows the secrets of the configuration. What is read of the record may be older than they are. */
  readonly redactor: Redactor;
}

/**
 * Loads the configuration for a command that uses the state of a watcher, and finds where that is; says all that is wrong,
 * and returns undefined then. Works without credentials: without these there are no secrets of theirs.
 */
export async function loadRecorded(option: string | undefined): Promise<Recorded | undefined> {
  const loaded = await loadConfigOnly(option);
  if (loaded === undefined) return undefined;
  const { file, config } = loaded;
  const redactor = new Redactor();
  registerSecretsIn(config, redactor);
  const [kept] = await Promise.all([
    loadStateOf(config, redactor, patience.start),
    loadCredentialsOf(config, redactor),
  ]);
  const sentences = kept.ok ? kept.warnings : kept.problems;
  say(...sentences.map((sentence) => `${file}: ${sentence}`));
  return kept.ok ? { file, config, state: kept.state, redactor } : undefined;
}

/** Loads the configuration; reports all problems on standard error and returns undefined then. */
export async function loadConfigOnly(
  option: string | undefined,
): Promise<Pick<LoadedConfig, 'file' | 'config'> | undefined> {
  const file = findConfigFile(option, process.env);
  const result = await loadConfig({
    file,
    env: process.env,
    readFile: (path) => files.readText(path, patience.start),
    readIncluded: (patterns) => new IncludeReader(file).read(patterns, patience.start),
  });
  if (!result.ok) {
    say(...result.problems);
    return undefined;
  }
  return { file, config: result.config };
}

/**
 * Loads the configuration and all secrets; says all that is wrong with them, and then returns undefined. A command that
 * notifies nobody works without the secrets of receivers.
 */
export async function loadSettings(
  option: string | undefined,
  use: { readonly notifies: boolean },
): Promise<Settings | undefined> {
  return (await loadOrigins(option, use))?.settings;
}

/** As `loadSettings`, with where each value comes from. */
export async function loadOrigins(
  option: string | undefined,
  { notifies }: { readonly notifies: boolean },
): Promise<{ readonly settings: Settings; readonly origins: Origins } | undefined> {
  const file = findConfigFile(option, process.env);
  const result = await readSettings(file, new Redactor(), { wait: patience.start, notifies });
  say(...(result.ok ? result.warnings : result.problems));
  return result.ok ? result : undefined;
}
