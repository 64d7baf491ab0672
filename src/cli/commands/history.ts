import { keyOf, type MigrationId } from '../../atlas/migration-resource.ts';
import { formatMoment } from '../../events/format.ts';
import { readHistory } from '../../state/sqlite/reader.ts';
import { StateFileError } from '../../state/store.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadConfigOnly } from '../load-settings.ts';
import { print, say } from '../terminal.ts';

export interface HistoryOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Prints the recorded events, oldest first, also while the daemon runs. */
export async function historyCommand(name: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const settings = await loadConfigOnly(options.config);
  if (settings === undefined) return exitCode.configuration;
  try {
    let count = 0;
    const { migrations, state } = settings.config;
    const migration = name === undefined ? undefined : findMigration(name, migrations, state.path);
    const records = name !== undefined && migration === undefined ? [] : readHistory(state.path, migration);
    for (const record of records) {
      print(options.json === true ? JSON.stringify(record) : `${formatMoment(record.time)}  ${record.msg}`);
      count += 1;
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

/** Returns the migration of this name or id: in the configuration, or else the latest that was recorded under it. */
function findMigration(
  name: string,
  configured: readonly Target[],
  statePath: string,
): MigrationId | undefined {
  const target = configured.find((each) => [each.name, each.liveMigrationId, keyOf(each)].includes(name));
  if (target !== undefined) return target;
  let found: MigrationId | undefined;
  for (const { migration, groupId, liveMigrationId } of readHistory(statePath)) {
    if (typeof groupId !== 'string' || typeof liveMigrationId !== 'string') continue;
    const key = { groupId, liveMigrationId };
    if ([migration, liveMigrationId, keyOf(key)].includes(name)) found = key;
  }
  return found;
}
