import { isLoopback } from '../../config/address-schemas.ts';
import { parseListenAddress } from '../../config/listen-address.ts';
import { describeConfig, listConfig } from '../../config/print-config.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadOrigins } from '../load-settings.ts';
import { print, say } from '../terminal.ts';

/** Returns whether others than this machine reach an address. */
function isOpen(listen: string): boolean {
  const { host = '' } = parseListenAddress(listen) ?? {};
  return !isLoopback(host.includes(':') ? `[${host}]` : host);
}

export interface ValidateOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/**
 * Checks the configuration and the credentials, without asking Atlas, and prints them as they will be used, with where
 * each value comes from.
 */
export async function validateCommand({ config: option, json = false }: ValidateOptions): Promise<ExitCode> {
  const loaded = await loadOrigins(option, { notifies: true });
  if (loaded === undefined) return exitCode.configuration;
  const { settings, origins } = loaded;
  const { file, config, redactor } = settings;
  if (json) {
    const values = listConfig(config, settings, origins).map((value) => redactor.data(value));
    print(JSON.stringify({ values }, undefined, 2));
  } else print(redactor.text(describeConfig(config, settings, origins)));
  const count = config.migrations.length;
  if (config.http.listen !== false && isOpen(config.http.listen))
    say(
      `${file}: http.listen is ${config.http.listen}, so everybody who reaches this machine there can read the status page, the API and the metrics. Nothing asks for a password: protect the port, or listen on 127.0.0.1.`,
    );
  say(`${file} is valid: ${count} ${count === 1 ? 'migration' : 'migrations'}.`);
  return exitCode.done;
}
