import { proxySecrets } from '../../config/proxy.ts';
import type { Config } from '../../config/schema.ts';
import { loadCredentialsOf } from '../../daemon/settings.ts';
import { Redactor } from '../../events/redactor.ts';
import { toHtml } from '../../report/html.ts';
import { toJson } from '../../report/json.ts';
import { toMarkdown } from '../../report/markdown.ts';
import { type Recording, recordingsOf } from '../../report/recorded.ts';
import { reportOf } from '../../report/report-model.ts';
import { readHistory, readMigrations } from '../../state/sqlite/reader.ts';
import { StateFileError } from '../../state/store.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadConfigOnly } from '../load-settings.ts';
import { print, say } from '../terminal.ts';
import { nameProblems } from '../wait/arguments.ts';

export interface ReportOptions {
  readonly config?: string;
  readonly format: ReportFormat;
}

export type ReportFormat = 'md' | 'html' | 'json';

const renderers = { md: toMarkdown, html: toHtml, json: toJson } as const;

/** Prints the report of one migration or of all, from what is recorded, also while the daemon runs. */
export async function reportCommand(name: string | undefined, options: ReportOptions): Promise<ExitCode> {
  const settings = await loadConfigOnly(options.config);
  if (settings === undefined) return exitCode.configuration;
  const { migrations, state } = settings.config;
  try {
    const redactor = await redactorFor(settings.config);
    const recordings = recordingsOf(
      migrations,
      Array.from(readMigrations(state.path, 0), (migration) => redacted(redactor, migration)),
      Array.from(readHistory(state.path), (event) => redacted(redactor, event)),
    );
    const chosen = recordings.filter((recording) => name === undefined || isCalled(recording, name));
    if (name !== undefined && chosen.length === 0) {
      say(...nameProblems(recordings, [name], 'the configuration or the record'));
      return exitCode.usage;
    }
    const now = Date.now();
    const reports = chosen.map((recording) => reportOf(recording, now));
    print(renderers[options.format](reports, now));
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    say(error.message);
    return exitCode.state;
  }
}

/** A report is shared, and the records hold Atlas's own texts, so secrets are redacted. Without credentials there are none. */
async function redactorFor(config: Config): Promise<Redactor> {
  const redactor = new Redactor();
  for (const secret of proxySecrets(config.proxy)) redactor.register(secret);
  await loadCredentialsOf(config, redactor);
  return redactor;
}

function redacted<Data>(redactor: Redactor, data: Data): Data {
  return redactor.data(data) as Data;
}

/** A migration may have had another name when some of it was recorded. */
function isCalled({ name, events }: Recording, wanted: string): boolean {
  return name === wanted || events.some(({ migration }) => migration === wanted);
}
