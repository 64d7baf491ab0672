import { formatMoment } from '../../events/format.ts';
import { publicRecord } from '../../events/public-record.ts';
import { targetsOf } from '../../report/recorded.ts';
import { readHistory, readRecord } from '../../state/sqlite/reader.ts';
import { StateFileError } from '../../state/store.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadConfigOnly } from '../load-settings.ts';
import { findTargets, redactorFor } from '../record.ts';
import { print, printed, say } from '../terminal.ts';

export interface HistoryOptions {
  readonly config?: string;
  readonly json?: boolean;
}

const linesPerTurn = 1_000;

/** Prints the recorded events, oldest first, also while the daemon runs. */
export async function historyCommand(name: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const settings = await loadConfigOnly(options.config);
  if (settings === undefined) return exitCode.configuration;
  const { config } = settings;
  const { path } = config.state;
  const redactor = await redactorFor(config);
  try {
    let count = 0;
    const migration = name === undefined ? undefined : findMigration(name, config.migrations, path);
    for (const recorded of name !== undefined && migration === undefined
      ? []
      : readHistory(path, migration)) {
      const record = publicRecord(recorded, redactor);
      print(options.json === true ? JSON.stringify(record) : `${formatMoment(record.time)}  ${record.msg}`);
      count += 1;
      if (count % linesPerTurn === 0) await printed();
    }
    if (count === 0)
      say(name === undefined ? 'No events are recorded yet.' : `No events are recorded of ${name}.`);
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    say(error.message);
    return exitCode.state;
  }
}

/** Returns the migration of this name or id: in the configuration, or else the latest in the record. */
function findMigration(name: string, configured: readonly Target[], path: string): Target | undefined {
  const [target] = findTargets(configured, name, undefined);
  if (target !== undefined) return target;
  const recorded = readRecord(path, (record) => findTargets(targetsOf(configured, record), name, record));
  return [...recorded].at(-1);
}
