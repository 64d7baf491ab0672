import { readFile, stat } from 'node:fs/promises';
import { type CredentialsResult, loadCredentials } from '../config/credentials.ts';
import { findConfigFile, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { Redactor } from '../events/redactor.ts';
import { say } from './terminal.ts';

export interface Settings {
  readonly file: string;
  readonly config: Config;
}

export interface SignedSettings extends Settings {
  readonly access: Extract<CredentialsResult, { ok: true }>;
  /** Knows every secret that was read. */
  readonly redactor: Redactor;
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8');

/** Loads the configuration; says all that is wrong with it on standard error, and then returns undefined. */
export async function loadSettings(option: string | undefined): Promise<Settings | undefined> {
  const file = findConfigFile(option, process.env);
  const result = await loadConfig({ file, env: process.env, readFile: readText });
  if (!result.ok) {
    say(...result.problems);
    return undefined;
  }
  say(...result.warnings);
  return { file, config: result.config };
}

/** Loads the configuration and the credentials; says all that is wrong with both, and then returns undefined. */
export async function loadSignedSettings(option: string | undefined): Promise<SignedSettings | undefined> {
  const settings = await loadSettings(option);
  if (settings === undefined) return undefined;
  const effects = { env: process.env, readFile: readText, stat };
  const access = await loadCredentials(settings.config.atlas.auth, effects);
  if (!access.ok) {
    say(...access.problems);
    return undefined;
  }
  say(...access.warnings);
  const redactor = new Redactor();
  redactor.register(access.credentials.privateKey);
  return { ...settings, access, redactor };
}
