import { findConfigFile } from '../config/config-file.ts';
import { loadConfig } from '../config/load.ts';
import { files } from '../daemon/read-file.ts';
import { type LoadedConfig, readSettings, type Settings } from '../daemon/settings.ts';
import { Redactor } from '../events/redactor.ts';
import { say } from './terminal.ts';

/** A person may have to type a passphrase before the writer of a pipe begins. In ms. */
const startPipeMs = 60_000;

/** Loads the configuration; reports all problems on standard error and returns undefined then. */
export async function loadConfigOnly(option: string | undefined): Promise<LoadedConfig | undefined> {
  const file = findConfigFile(option, process.env);
  const result = await loadConfig({
    file,
    env: process.env,
    readFile: (path) => files.readText(path, startPipeMs),
  });
  if (!result.ok) {
    say(...result.problems);
    return undefined;
  }
  return { file, config: result.config };
}

/** Loads the configuration and the credentials; says all that is wrong with both, and then returns undefined. */
export async function loadSettings(option: string | undefined): Promise<Settings | undefined> {
  const result = await readSettings(findConfigFile(option, process.env), new Redactor(), startPipeMs);
  say(...(result.ok ? result.warnings : result.problems));
  return result.ok ? result.settings : undefined;
}
