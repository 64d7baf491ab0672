import { findConfigFile } from '../config/config-file.ts';
import { loadConfig } from '../config/load.ts';
import type { Origins } from '../config/origins.ts';
import { IncludeReader } from '../daemon/included-files.ts';
import { files, patience } from '../daemon/read-file.ts';
import { type LoadedConfig, readSettings, type Settings } from '../daemon/settings.ts';
import { Redactor } from '../events/redactor.ts';
import { say } from './terminal.ts';

/** Loads the configuration; reports all problems on standard error and returns undefined then. */
export async function loadConfigOnly(option: string | undefined): Promise<LoadedConfig | undefined> {
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
