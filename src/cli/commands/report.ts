import { toHtml } from '../../report/html.ts';
import { toJson } from '../../report/json.ts';
import { toMarkdown } from '../../report/markdown.ts';
import { recordingOf, targetsOf } from '../../report/recorded.ts';
import { type MigrationReport, type Reports, reportOf } from '../../report/report-model.ts';
import { readRecord } from '../../state/sqlite/reader.ts';
import { StateError } from '../../state/store.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadRecorded } from '../load-settings.ts';
import { findTargets, pathOf } from '../record.ts';
import { print, printed, say } from '../terminal.ts';
import { nameProblems } from '../wait/arguments.ts';

export interface ReportOptions {
  readonly config?: string;
  readonly format: ReportFormat;
  readonly title?: string;
}

export type ReportFormat = 'md' | 'html' | 'json';

const renderers = { md: toMarkdown, html: toHtml, json: toJson } as const;

/** Prints the report of one migration or of all, from what is recorded, also while the daemon runs. */
export async function reportCommand(name: string | undefined, options: ReportOptions): Promise<ExitCode> {
  const settings = await loadRecorded(options.config);
  if (settings === undefined) return exitCode.configuration;
  const { state, redactor } = settings;
  const { migrations } = settings.config;
  const now = Date.now();
  let isKnown = true;
  try {
    const parts = readRecord(pathOf(state), (record) => {
      const targets = targetsOf(migrations, record);
      const chosen = name === undefined ? targets : findTargets(targets, name, record);
      isKnown = name === undefined || chosen.length > 0;
      if (!isKnown) return nameProblems(targets, [name ?? ''], 'the configuration or the record');
      // A report is shared, and it holds texts of Atlas and of the configuration.
      const reports = reportsOf(chosen.length, function* () {
        for (const target of chosen) {
          const { samples, ...report } = reportOf(recordingOf(target, record, now), now);
          yield { ...redactor.fields(report), samples };
        }
      });
      const title = options.title === undefined ? undefined : redactor.text(options.title);
      return renderers[options.format](reports, now, title);
    });
    for (const part of parts) {
      if (isKnown) print(part);
      else say(redactor.text(part));
      await printed();
    }
    return isKnown ? exitCode.done : exitCode.usage;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    say(error.message);
    return exitCode.state;
  }
}

/** Several reports are made one at a time, and again when they are needed again: all of them may not fit into memory. */
function reportsOf(length: number, make: () => Iterable<MigrationReport>): Reports {
  return length === 1 ? [...make()] : { length, [Symbol.iterator]: () => make()[Symbol.iterator]() };
}
