import { get } from 'node:http';
import { cleanText } from '../../atlas/clean-text.ts';
import { defaultStatePath, findConfigFile } from '../../config/config-file.ts';
import { httpOrigin, type ListenAddress } from '../../config/listen-address.ts';
import { UnreadableFile } from '../../config/unreadable-file.ts';
import { readAddressFile } from '../../daemon/address-file.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { print, say } from '../terminal.ts';

/** A health check of Docker may take 5 s, with the start of the program. */
const timeoutMs = { file: 1_000, answer: 3_000 };
/** What listens there may be another program: its answer is bounded. */
const maxAnswerBytes = 16 * 1024;
const maxReasonLength = 500;

/** Which address was asked, and what came back. */
interface Asked {
  readonly address: ListenAddress;
  readonly answer: Answer;
}

type Answer =
  | { readonly ok: true; readonly status: number | undefined; readonly body: string }
  | { readonly ok: false; readonly code: string };

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
  const signal = AbortSignal.timeout(timeoutMs.answer);
  // What reads a configuration takes longer to load than all the rest, and most state files are where they usually are.
  const usual = readAddressFile(defaultStatePath(process.env), file);
  const usualAnswer = usual && (await firstAnswer(connectable(usual), signal));
  if (usualAnswer !== undefined && livenessIn(usualAnswer.answer) !== undefined)
    return report(usualAnswer, file);
  const { readDaemonAddress } = await import('../../config/daemon-address.ts');
  const configured = await readDaemonAddress(file, process.env, readConfig);
  const running = readAddressFile(configured.statePath, file);
  const found = running === undefined ? configured : { ok: true as const, address: running };
  if (!found.ok) {
    say(...found.problems);
    return exitCode.configuration;
  }
  return report(await firstAnswer(connectable(found.address), signal), file);
}

/** Reads the configuration, but takes nothing out of a pipe: the daemon needs it. */
async function readConfig(path: string): Promise<string> {
  const { files } = await import('../../daemon/read-file.ts');
  const text = await files.readRegular(path, { fileMs: timeoutMs.file, pipeMs: 0 });
  if (text === undefined)
    throw new UnreadableFile('is no regular file, so only the daemon reads it. Use a regular file.');
  return text;
}

/** Prints the result and returns its exit code. */
function report({ address, answer }: Asked, file: string): ExitCode {
  const url = `${httpOrigin(address)}/livez`;
  if (!answer.ok) {
    say(noAnswerSentence(answer.code, url));
    return exitCode.unavailable;
  }
  const liveness = livenessIn(answer);
  if (liveness === undefined) {
    say(
      `${url} answers ${answer.status}, but not as cutover-watch does. Another program may listen there: compare http.listen in ${file}.`,
    );
    return exitCode.unavailable;
  }
  if (liveness.alive) {
    print('alive');
    return exitCode.done;
  }
  say(liveness.reason);
  return exitCode.no;
}

function noAnswerSentence(code: string, url: string): string {
  switch (code) {
    case 'timeout':
      return `${url} does not answer within ${timeoutMs.answer / 1000} s. Something listens there, or the way to it is blocked. If it is cutover-watch, it hangs: restart it.`;
    case 'too long':
      return `${url} answers with more than cutover-watch ever does. Another program may listen there: compare http.listen.`;
    default:
      return `${url} does not answer (${code}). Start cutover-watch run, or check whether it listens there.`;
  }
}

/** Returns the loopback addresses of a server that listens on every address. A machine may have no IPv6. */
function connectable({ host, port }: ListenAddress): readonly ListenAddress[] {
  if (host === '0.0.0.0') return [{ host: '127.0.0.1', port }];
  if (!isUnspecified(host)) return [{ host, port }];
  return [
    { host: '::1', port },
    { host: '127.0.0.1', port },
  ];
}

/** Returns whether an IPv6 address is `::`, in any of its spellings. */
function isUnspecified(host: string): boolean {
  return host.includes(':') && /^[0:.]+$/.test(host);
}

/** Asks one address after the other, until one answers; the first failure is the one to report. */
async function firstAnswer(addresses: readonly ListenAddress[], signal: AbortSignal): Promise<Asked> {
  const answers: Asked[] = [];
  for (const address of addresses) {
    const answer = await request(address, signal);
    answers.push({ address, answer });
    if (answer.ok) break;
  }
  const [first] = answers;
  const best = answers.find(({ answer }) => answer.ok) ?? first;
  if (best === undefined) throw new Error('There is no address to ask.');
  return best;
}

function request({ host, port }: ListenAddress, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ ok: false, code: codeOf(error) });
    get({ host, port, path: '/livez', agent: false, signal }, (reply) => {
      const chunks: Buffer[] = [];
      let size = 0;
      reply.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= maxAnswerBytes) return;
        resolve({ ok: false, code: 'too long' });
        reply.destroy();
      });
      reply.once('end', () =>
        resolve({ ok: true, status: reply.statusCode, body: Buffer.concat(chunks).toString('utf8') }),
      );
      reply.on('error', fail);
    }).on('error', fail);
  });
}

function codeOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  return 'code' in error ? String(error.code) : error.name;
}

/** Returns the liveness in an answer of cutover-watch; undefined for any other answer, or none. */
function livenessIn(
  answer: Answer,
): { readonly alive: true } | { readonly alive: false; readonly reason: string } | undefined {
  if (!answer.ok) return undefined;
  try {
    const { alive, reason } = JSON.parse(answer.body) as {
      readonly alive?: unknown;
      readonly reason?: unknown;
    };
    if (alive === true) return { alive };
    if (alive !== false || typeof reason !== 'string') return undefined;
    return { alive, reason: cleanText(reason, maxReasonLength) };
  } catch {
    return undefined;
  }
}
