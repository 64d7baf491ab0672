import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { findConfigFile } from '../../config/config-file.ts';
import { readWhereabouts } from '../../config/daemon-address.ts';
import { httpOrigin, type ListenAddress } from '../../config/listen-address.ts';
import { readAddressFile } from '../../daemon/address-file.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { print, say } from '../terminal.ts';

const timeoutMs = 3_000;

type Answer =
  | { readonly came: true; readonly status: number | undefined; readonly body: string }
  | { readonly came: false; readonly why: string };

/**
 * Asks the daemon that runs with this configuration whether its poll loop beats: where the daemon has said that it
 * listens, else where the file says so, which may have been changed since.
 */
export async function healthcheckCommand({
  config: option,
}: {
  readonly config?: string;
}): Promise<ExitCode> {
  const file = findConfigFile(option, process.env);
  const found = await readWhereabouts(file, process.env, (path) => readFile(path, 'utf8'));
  const said = found.statePath === undefined ? undefined : await readAddressFile(found.statePath, file);
  const where = said === undefined ? found : { ok: true as const, address: said.address };
  if (!where.ok) {
    say(...where.problems);
    return exitCode.configuration;
  }
  const address = reachable(where.address);
  const url = `${httpOrigin(address)}/livez`;
  const answer = await ask(address);
  if (!answer.came) {
    say(`${url} does not answer (${answer.why}). Start cutover-watch run, or see whether it listens there.`);
    return exitCode.unavailable;
  }
  const { alive, reason, instance } = verdictOf(answer.body);
  const isCutoverWatch = typeof alive === 'boolean';
  if (isCutoverWatch && said?.instance !== undefined && instance !== said.instance) {
    say(
      `${url} is answered by another cutover-watch than the one that ran with ${file}, which is gone. Start that one again, with an http.listen of its own.`,
    );
    return exitCode.unavailable;
  }
  if (alive === true) {
    print('alive');
    return exitCode.done;
  }
  if (alive === false) {
    say(String(reason));
    return exitCode.no;
  }
  say(
    `${url} answers ${answer.status}, but not as cutover-watch does: is it another program? Compare http.listen in ${file}.`,
  );
  return exitCode.unavailable;
}

/** What listens on every address of the machine is asked by the one that every machine has. */
function reachable({ host, port }: ListenAddress): ListenAddress {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return { host: host === '::' ? '::1' : host, port };
}

function ask({ host, port }: ListenAddress): Promise<Answer> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = get({ host, port, path: '/livez', agent: false, signal }, (reply) => {
      let body = '';
      reply.setEncoding('utf8');
      reply.on('data', (text: string) => {
        body += text;
      });
      reply.once('end', () => resolve({ came: true, status: reply.statusCode, body }));
      reply.once('error', (error) => resolve({ came: false, why: whyOf(error) }));
    });
    request.once('error', (error) => resolve({ came: false, why: whyOf(error) }));
  });
}

function whyOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `not within ${timeoutMs / 1000} s`;
  return 'code' in error ? String(error.code) : error.name;
}

function verdictOf(body: string): {
  readonly alive?: unknown;
  readonly reason?: unknown;
  readonly instance?: unknown;
} {
  try {
    const verdict: unknown = JSON.parse(body);
    return typeof verdict === 'object' && verdict !== null ? verdict : {};
  } catch {
    return {};
  }
}
