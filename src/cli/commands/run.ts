import { findConfigFile } from '../../config/config-file.ts';
import type { Config } from '../../config/schema.ts';
import { type DaemonEnd, runDaemon } from '../../daemon/daemon.ts';
import { loadCredentialsOf, readSettings } from '../../daemon/settings.ts';
import { listenForReload, listenForStop } from '../../daemon/signals.ts';
import { openStandardOutput } from '../../daemon/stdout.ts';
import { connectServiceManager } from '../../daemon/systemd/service-manager.ts';
import { ListenError } from '../../server/listen-error.ts';
import { StateFileError } from '../../state/store.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { loadSettings } from '../load-settings.ts';
import { readVersion } from '../program-name.ts';
import { columnsOf, say, wantsColor } from '../terminal.ts';

export interface RunOptions {
  readonly config?: string;
  readonly once?: boolean;
  readonly exitWhenSettled?: boolean;
}

/** The daemon: watches until a signal stops it. */
export async function runCommand({
  config: file,
  once = false,
  exitWhenSettled = false,
}: RunOptions): Promise<ExitCode> {
  // Before anything slow: a signal during the start must end the program cleanly too.
  const stop = listenForStop(() => process.exit(exitCode.done));
  const reloads = listenForReload();
  try {
    const settings = await loadSettings(file);
    if (settings === undefined) return exitCode.configuration;
    const { config, content, file: path, redactor } = settings;
    const output = openStandardOutput(await rendererFor(config));
    const serviceManager = await connectServiceManager(process.env, say);
    const end = await runDaemon({
      settings,
      reloading: {
        file: path,
        content,
        load: () => readSettings(path, redactor),
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
    if (stop.fault !== undefined) throw stop.fault;
    return daemonExitCode(end, once);
  } catch (error) {
    if (error instanceof ListenError) {
      say(`${findConfigFile(file, process.env)}: ${error.message}`);
      return error.mayPass ? exitCode.unavailable : exitCode.configuration;
    }
    if (!(error instanceof StateFileError)) throw error;
    say(error.message);
    return exitCode.state;
  } finally {
    stop.release();
    reloads.release();
  }
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

function daemonExitCode({ reason, latest }: DaemonEnd, once: boolean): ExitCode {
  if (reason.fault !== undefined) return exitCode.internal;
  if (!once) return exitCode.done;
  // Events have reported the migrations that can't be read. The round itself succeeded.
  const code = roundExitCode(latest);
  return code === exitCode.no && latest.includes('read') ? exitCode.done : code;
}
