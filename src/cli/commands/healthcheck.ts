import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { findConfigFile } from '../../config/config-file.ts';
import { readDaemonAddress } from '../../config/daemon-address.ts';
import { httpOrigin, type ListenAddress } from '../../config/listen-address.ts';
import { readAddressFile } from '../../daemon/address-file.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { print, say } from '../terminal.ts';

const timeoutMs = 3_000;

type Answer =
  | { readonly ok: true; readonly status: number | undefined; readonly body: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Requests `/livez` of the daemon that runs with this configuration, at the address that the daemon wrote beside its
 * state file, else at `http.listen`. Returns 0 while its poll loop runs, 1 when it does not, 69 when no cutover-watch
 * answers, and 78 when the address is unknown.
 */
export async function healthcheckCommand({
  config: option,
}: {
  readonly config?: string;
}): Promise<ExitCode> {
  const file = findConfigFile(option, process.env);
  const configured = await readDaemonAddress(file, process.env, (path) => readFile(path, 'utf8'));
  const { statePath } = configured;
  const running = statePath === undefined ? undefined : await readAddressFile(statePath, file);
  const found = running === undefined ? configured : { ok: true as const, address: running };
  if (!found.ok) {
    say(...found.problems);
    return exitCode.configuration;
  }
  const address = connectable(found.address);
  return report(await request(address), `${httpOrigin(address)}/livez`, file);
}

/** Prints the result and returns its exit code. */
function report(answer: Answer, url: string, file: string): ExitCode {
  if (!answer.ok) {
    say(
      `${url} does not answer (${answer.reason}). Start cutover-watch run, or check whether it listens there.`,
    );
    return exitCode.unavailable;
  }
  const { alive, reason } = livenessIn(answer.body);
  if (alive === true) {
    print('alive');
    return exitCode.done;
  }
  if (alive === false) {
    say(String(reason));
    return exitCode.no;
  }
  say(
    `${url} answers ${answer.status}, but not as cutover-watch does. Another program may listen there: compare http.listen in ${file}.`,
  );
  return exitCode.unavailable;
}

/** Returns the loopback address for a server that listens on every address. */
function connectable({ host, port }: ListenAddress): ListenAddress {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return { host: host === '::' ? '::1' : host, port };
}

function request({ host, port }: ListenAddress): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ ok: false, reason: reasonOf(error) });
    const signal = AbortSignal.timeout(timeoutMs);
    get({ host, port, path: '/livez', agent: false, signal }, (reply) => {
      let body = '';
      reply.setEncoding('utf8');
      reply.on('data', (text: string) => {
        body += text;
      });
      reply.once('end', () => resolve({ ok: true, status: reply.statusCode, body }));
      reply.once('error', fail);
    }).once('error', fail);
  });
}

function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `not within ${timeoutMs / 1000} s`;
  return 'code' in error ? String(error.code) : error.name;
}

function livenessIn(body: string): { readonly alive?: unknown; readonly reason?: unknown } {
  try {
    const liveness: unknown = JSON.parse(body);
    return typeof liveness === 'object' && liveness !== null ? liveness : {};
  } catch {
    return {};
  }
}
