import { accessSync, constants } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { type ExitCode, exitCode } from './exit-code.ts';
import { resultFailure, say, sentencesWritten } from './terminal.ts';

/** How long the end waits for standard error, and then for work of other threads, in ms. */
const graceMs = { sentences: 500, threads: 50 };
const lookEveryMs = 5;

/** What a thread of libuv works on. Nothing can cancel it once it has begun. */
const threadWork: ReadonlySet<string> = new Set([
  'FSReqCallback',
  'FSReqPromise',
  'GetAddrInfoReqWrap',
  'GetNameInfoReqWrap',
]);

/** Ends the process when the results of a command are written. A result that cannot be written is not `done`. */
export async function end(code: ExitCode): Promise<never> {
  const failure = await resultFailure();
  const isLost = failure !== undefined && !('code' in failure && failure.code === 'EPIPE');
  if (isLost) say(lostSentence(failure));
  await sentencesWritten(graceMs.sentences);
  for (let waitedMs = 0; isThreadBusy() && waitedMs < graceMs.threads; waitedMs += lookEveryMs)
    await delay(lookEveryMs);
  leave(isLost && code === exitCode.done ? exitCode.output : code);
}

/**
 * Ends the process now. This and a signal without a handler are the only ways out: nothing waits for handles that are
 * open. Node.js waits for the threads of libuv when it exits, and a name lookup or a file of a hung mount may take
 * minutes. Then another program takes the place of this one, which ends all threads, and exits with the code.
 */
export function leave(code: number): never {
  const successor = isThreadBusy() ? successorOf(code) : undefined;
  if (successor !== undefined && process.execve !== undefined) {
    const [program, ...args] = successor;
    if (isatty(0)) process.stdin.setRawMode(false);
    const settings = Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_'));
    process.execve(program, ['cutover-watch', ...args], Object.fromEntries(settings));
  }
  return process.exit(code);
}

function isThreadBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => threadWork.has(name));
}

/**
 * Returns a command that exits with this code: of the shell, which starts fastest, or of the running Node.js, as an image
 * may have no shell, and an upgrade may have removed this Node.js from its path. A missing program would abort.
 */
function successorOf(code: number): readonly [string, ...string[]] | undefined {
  const byNode = ['-e', `process.exit(${code})`] as const;
  const commands = [
    ['/bin/sh', '-c', `exit ${code}`],
    ['/proc/self/exe', ...byNode],
    [process.execPath, ...byNode],
  ] as const;
  return commands.find(([program]) => {
    try {
      accessSync(program, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function lostSentence(failure: Error): string {
  const code = 'code' in failure ? String(failure.code) : failure.name;
  const why = code === 'ENOSPC' ? 'no space is left there (ENOSPC)' : code;
  return `The result could not be written to standard output: ${why}. What was written is not complete. Write it to another place, or make room there, and run this again.`;
}
