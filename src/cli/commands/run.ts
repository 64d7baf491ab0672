import { setTimeout as delay } from 'node:timers/promises';
import { findConfigFile } from '../../config/config-file.ts';
import { formatDuration } from '../../config/duration.ts';
import type { Config } from '../../config/schema.ts';
import { isStartedByNpm } from '../../config/started-by-npm.ts';
import { type DaemonEnd, runDaemon } from '../../daemon/daemon.ts';
import { isJournal, withPriority } from '../../daemon/journal.ts';
import { loadCredentialsOf, readSettings } from '../../daemon/settings.ts';
import { listenForReload, listenForStop, type StopRequest, watchParent } from '../../daemon/signals.ts';
import { openStandardOutput } from '../../daemon/stdout.ts';
import { connectServiceManager } from '../../daemon/systemd/service-manager.ts';
import { ListenError } from '../../server/listen-error.ts';
import { StateError } from '../../state/store.ts';
import { monotonicNow } from '../../watch/schedule/poller.ts';
import { callAfter } from '../call-after.ts';
import { leave } from '../exit.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { loadSettings } from '../load-settings.ts';
import { readVersion } from '../program-name.ts';
import { columnsOf, say, wantsColor } from '../terminal.ts';
import { parseTimeout } from '../wait/arguments.ts';

export interface RunOptions {
  readonly config?: string;
  readonly once?: boolean;
  readonly exitWhenSettled?: boolean;
  /** With `exitWhenSettled`: how long to wait for that. */
  readonly timeout?: string;
}

const timeoutNeeds =
  '--timeout needs --exit-when-settled: it says how long to wait until every migration has ended. Without that, run watches until it is stopped.';

/** The daemon: watches until a signal stops it. */
export async function runCommand({
  config: file,
  once = false,
  exitWhenSettled = false,
  timeout,
}: RunOptions): Promise<ExitCode> {
  // Before anything slow: a signal during the start must end the program cleanly too.
  const stop = listenForDaemonStop();
  const reloads = listenForReload();
  const startedAt = monotonicNow();
  let stopTimer: (() => void) | undefined;
  try {
    const timeoutMs = timeout === undefined || exitWhenSettled ? parseTimeout(timeout, 'run') : timeoutNeeds;
    if (typeof timeoutMs === 'string') {
      say(timeoutMs);
      return exitCode.usage;
    }
    const ranOut = { text: `the time of ${formatDuration(timeoutMs ?? 0)} ran out` };
    stopTimer = callAfter(
      () => (timeoutMs === undefined ? undefined : Math.max(0, startedAt + timeoutMs - monotonicNow())),
      () => stop.request(ranOut),
    );
    // A file may not answer. Nothing is open yet.
    const settings = await Promise.race([
      loadSettings(file, { notifies: true }),
      stop.reason.then(() => 'stopped' as const),
    ]);
    if (stop.fault !== undefined) throw stop.fault;
    if (settings === 'stopped') return (await stop.reason) === ranOut ? exitCode.no : exitCode.done;
    if (settings === undefined) return exitCode.configuration;
    const { config, content, file: path, included, redactor } = settings;
    const render = await rendererFor(config);
    const output = openStandardOutput(isJournal(process.env) ? withPriority(render) : render);
    const serviceManager = await connectServiceManager(process.env, say);
    const end = await runDaemon({
      settings,
      reloading: {
        file: path,
        content,
        included,
        load: () => readSettings(path, redactor, { included, notifies: true }),
        loadCredentials: (latest) => loadCredentialsOf(latest, redactor),
        requests: reloads,
      },
      redactor,
      output,
      say,
      stop,
      ...(serviceManager !== undefined && { serviceManager }),
      version: readVersion(),
      once,
      exitWhenSettled,
    });
    const fault = stop.fault ?? end.reason.fault;
    if (fault !== undefined) throw fault;
    return end.reason === ranOut ? exitCode.no : daemonExitCode(end, once);
  } catch (error) {
    if (error instanceof ListenError) {
      say(`${findConfigFile(file, process.env)}: ${error.message}`);
      return error.mayPass ? exitCode.unavailable : exitCode.configuration;
    }
    if (!(error instanceof StateError)) throw error;
    say(error.message);
    return exitCode.state;
  } finally {
    stopTimer?.();
  }
}

/** Longer than every wait of a stop together, and less than the 10 s after which `docker stop` kills. In ms. */
const longestStopMs = 9_000;
const stopTickMs = 500;

/**
 * Listens for what stops a daemon, until the process ends. A second signal ends it at once, and a stop that does not
 * come to its end does so too.
 */
export function listenForDaemonStop(): StopRequest {
  const stop = listenForStop(() => leave(exitCode.done));
  void cutOffLater(stop);
  if (isStartedByNpm(process.env)) watchParent(() => stop.request({ text: 'npm has ended' }));
  return stop;
}

async function cutOffLater({ reason }: StopRequest): Promise<void> {
  const { fault } = await reason;
  // In short waits: the time in which a slow disk blocks the process does not count.
  for (let waitedMs = 0; waitedMs < longestStopMs; waitedMs += stopTickMs)
    await delay(stopTickMs, undefined, { ref: false });
  say(
    `The stop was not complete after ${longestStopMs / 1000} s, so the process ends now. What is stored is safe.`,
  );
  leave(fault === undefined ? exitCode.done : exitCode.internal);
}

/** Returns what turns lines into the chosen format; pino-pretty is only loaded where it is needed. */
export async function rendererFor({
  log: { format },
  migrations,
}: Pick<Config, 'log' | 'migrations'>): Promise<((line: string) => string) | undefined> {
  const { stdout } = process;
  if (format !== 'pretty' && !(format === 'auto' && stdout.isTTY)) return undefined;
  const { createPrettyRenderer } = await import('../pretty.ts');
  return createPrettyRenderer({
    color: wantsColor(stdout),
    names: migrations.map(({ name }) => name),
    columns: () => columnsOf(stdout),
  });
}

function daemonExitCode({ latest }: DaemonEnd, once: boolean): ExitCode {
  if (!once) return exitCode.done;
  // Events have reported the migrations that can't be read. The round itself succeeded.
  const code = roundExitCode(latest);
  return code === exitCode.no && latest.includes('read') ? exitCode.done : code;
}
