import { describeConfig } from '../../config/print-config.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadSettings } from '../load-settings.ts';
import { print, say } from '../terminal.ts';

/** Checks the configuration and the credentials, without asking Atlas, and prints them as they will be used. */
export async function validateCommand({ config: option }: { readonly config?: string }): Promise<ExitCode> {
  const settings = await loadSettings(option);
  if (settings === undefined) return exitCode.configuration;
  const { file, config, redactor } = settings;
  print(redactor.text(describeConfig(config, settings)));
  const count = config.migrations.length;
  say(`${file} is valid: ${count} ${count === 1 ? 'migration' : 'migrations'}.`);
  return exitCode.done;
}
