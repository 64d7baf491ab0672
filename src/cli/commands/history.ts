import { formatMoment } from '../../events/format.ts';
import { publicRecord } from '../../events/public-record.ts';
import { targetsOf } from '../../report/recorded.ts';
import type { StateRecord } from '../../state/record.ts';
import { StateError } from '../../state/store.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadRecorded } from '../load-settings.ts';
import { findTargets, openRecord, targetsCalled } from '../record.ts';
import { print, printed, say } from '../terminal.ts';
import { nameProblems } from '../wait/arguments.ts';

export interface HistoryOptions {
  readonly config?: string;
  readonly json?: boolean;
}

const linesPerTurn = 1_000;

/** Prints the recorded events, oldest first, also while the daemon runs. */
export async function historyCommand(name: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const settings = await loadRecorded(options.config);
  if (settings === undefined) return exitCode.configuration;
  const { config, state, redactor } = settings;
  let record: StateRecord | undefined;
  try {
    record = await openRecord(state);
    const named = name === undefined ? undefined : await findMigration(name, config.migrations, record);
    if (name !== undefined && named?.target === undefined) {
      const problems = nameProblems(named?.known ?? [], [name], 'the configuration or the record');
      say(...problems.map((problem) => redactor.text(problem)));
      return exitCode.usage;
    }
    let count = 0;
    for await (const recorded of record.events(named?.target)) {
      const event = publicRecord(recorded, redactor);
      print(options.json === true ? JSON.stringify(event) : `${formatMoment(event.time)}  ${event.msg}`);
      count += 1;
      if (count % linesPerTurn === 0) await printed();
    }
    if (count === 0)
      say(name === undefined ? 'No events are recorded yet.' : `No events are recorded of ${name}.`);
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    say(error.message);
    return exitCode.state;
  } finally {
    await record?.close();
  }
}

/** The migration that was found, and all that there are. */
interface Named {
  readonly target: Target | undefined;
  readonly known: readonly Target[];
}

/** Resolves to the migration of this name or id: in the configuration, or else the latest in the record. */
async function findMigration(
  name: string,
  configured: readonly Target[],
  record: StateRecord,
): Promise<Named> {
  const [target] = targetsCalled(configured, name);
  if (target !== undefined) return { target, known: configured };
  const known = await targetsOf(configured, record);
  return { target: (await findTargets(known, name, record)).at(-1), known };
}
