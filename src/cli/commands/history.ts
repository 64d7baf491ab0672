import { formatMoment } from '../../events/format.ts';
import { readHistory } from '../../state/history.ts';
import { StateFileError } from '../../state/state-file-error.ts';
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
    for (const record of readHistory(settings.config.state.path, name)) {
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
