import { resolve } from 'node:path';
import { StateError } from '../../state/store.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadRecorded } from '../load-settings.ts';
import { callerPath } from '../npm.ts';
import { print, say } from '../terminal.ts';

export interface BackupOptions {
  readonly config?: string;
}

/** Copies the state file as it is now, also while the daemon runs. */
export async function backupCommand(file: string, options: BackupOptions): Promise<ExitCode> {
  const settings = await loadRecorded(options.config);
  if (settings === undefined) return exitCode.configuration;
  const { state } = settings;
  if (state.kind === 'database') {
    say(
      'The state is in a PostgreSQL database, not in a file. Back it up with pg_dump, also beside running watchers; with all of them stopped, cutover-watch state copy can write it to a file, too.',
    );
    return exitCode.usage;
  }
  const target = resolve(callerPath(file, process.env, process.cwd()));
  try {
    const { backUpFile } = await import('../../state/sqlite/backup.ts');
    backUpFile(state.path, target);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    say(error.message);
    return exitCode.state;
  }
  print(
    `Copied ${state.path} to ${target}. To go back to it: stop the watcher, move ${state.path} and ${state.path}-wal away, and run cutover-watch state copy ${target} ${state.path}`,
  );
  return exitCode.done;
}
