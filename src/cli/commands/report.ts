import { toHtml } from '../../report/html.ts';
import { toJson } from '../../report/json.ts';
import { toMarkdown } from '../../report/markdown.ts';
import { readRecording, targetsOf } from '../../report/recorded.ts';
import { type MigrationReport, type Reports, reportOf } from '../../report/report-model.ts';
import type { StateRecord } from '../../state/record.ts';
import { StateError } from '../../state/store.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadRecorded } from '../load-settings.ts';
import { findTargets, openRecord } from '../record.ts';
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
  const { config, state, redactor } = settings;
  const now = Date.now();
  let record: StateRecord | undefined;
  try {
    const source = await openRecord(state);
    record = source;
    const targets = await targetsOf(config.migrations, source);
    const chosen = name === undefined ? targets : await findTargets(targets, name, source);
    if (name !== undefined && chosen.length === 0) {
      const problems = nameProblems(targets, [name], 'the configuration or the record');
      say(...problems.map((problem) => redactor.text(problem)));
      return exitCode.usage;
    }
    // A report is shared, and it holds texts of Atlas and of the configuration.
    const reports = await reportsOf(chosen.length, async function* () {
      for (const target of chosen) {
        const { samples, ...report } = reportOf(await readRecording(target, source, now), now);
        yield { ...redactor.fields(report), samples };
      }
    });
    const title = options.title === undefined ? undefined : redactor.text(options.title);
    for await (const part of renderers[options.format](reports, now, title)) {
      print(part);
      await printed();
    }
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    say(error.message);
    return exitCode.state;
  } finally {
    await record?.close();
  }
}

/** Several reports are made one at a time, and again when they are needed again: all of them may not fit into memory. */
async function reportsOf(length: number, make: () => AsyncIterable<MigrationReport>): Promise<Reports> {
  return length === 1
    ? Array.fromAsync(make())
    : { length, [Symbol.asyncIterator]: () => make()[Symbol.asyncIterator]() };
}
