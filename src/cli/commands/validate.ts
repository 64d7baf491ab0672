import { isLoopback } from '../../config/address-schemas.ts';
import { parseListenAddress } from '../../config/listen-address.ts';
import { describeConfig } from '../../config/print-config.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadSettings } from '../load-settings.ts';
import { print, say } from '../terminal.ts';

/** Returns whether others than this machine reach an address. */
function isOpen(listen: string): boolean {
  const { host = '' } = parseListenAddress(listen) ?? {};
  return !isLoopback(host.includes(':') ? `[${host}]` : host);
}

/** Checks the configuration and the credentials, without asking Atlas, and prints them as they will be used. */
export async function validateCommand({ config: option }: { readonly config?: string }): Promise<ExitCode> {
  const settings = await loadSettings(option);
  if (settings === undefined) return exitCode.configuration;
  const { file, config, redactor } = settings;
  print(redactor.text(describeConfig(config, settings)));
  const count = config.migrations.length;
  if (config.http.listen !== false && isOpen(config.http.listen))
    say(
      `${file}: http.listen is ${config.http.listen}, so everybody who reaches this machine there can read the status page, the API and the metrics. Nothing asks for a password: protect the port, or listen on 127.0.0.1.`,
    );
  say(`${file} is valid: ${count} ${count === 1 ? 'migration' : 'migrations'}.`);
  return exitCode.done;
}
