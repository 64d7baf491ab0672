import { keyOf, type MigrationId } from '../../atlas/migration-resource.ts';
import { formatMoment } from '../../events/format.ts';
import { type NamedMigration, readHistory, readNames } from '../../state/sqlite/reader.ts';
import { StateFileError } from '../../state/store.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadConfigOnly } from '../load-settings.ts';
import { print, say } from '../terminal.ts';
import { nameProblems } from '../wait/arguments.ts';

export interface HistoryOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Prints the recorded events, oldest first, also while the daemon runs. */
export async function historyCommand(name: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const settings = await loadConfigOnly(options.config);
  if (settings === undefined) return exitCode.configuration;
  const { migrations, state } = settings.config;
  try {
    const named = name === undefined ? undefined : findMigration(name, migrations, state.path);
    if (name !== undefined && named?.migration === undefined) {
      say(...nameProblems(named?.known ?? [], [name], 'the configuration or the record'));
      return exitCode.usage;
    }
    let count = 0;
    for (const record of readHistory(state.path, named?.migration)) {
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

/** The migration that was found, and all that there are. */
interface Named {
  readonly migration: MigrationId | undefined;
  readonly known: readonly NamedMigration[];
}

/** Returns the migration of this name or id: in the configuration, or else the latest that was recorded under it. */
function findMigration(name: string, configured: readonly Target[], statePath: string): Named {
  const isMeant = (each: NamedMigration): boolean =>
    [each.name, each.liveMigrationId, keyOf(each)].includes(name);
  const target = configured.find(isMeant);
  if (target !== undefined) return { migration: target, known: configured };
  const recorded = [...readNames(statePath)];
  return { migration: recorded.findLast(isMeant), known: [...configured, ...recorded] };
}
