import { proxySecrets } from '../../config/proxy.ts';
import type { Config } from '../../config/schema.ts';
import { loadCredentialsOf } from '../../daemon/settings.ts';
import { Redactor } from '../../events/redactor.ts';
import { toHtml } from '../../report/html.ts';
import { toJson } from '../../report/json.ts';
import { toMarkdown } from '../../report/markdown.ts';
import { type Recording, recordingsOf } from '../../report/recorded.ts';
import { storyOf } from '../../report/report-model.ts';
import { readHistory } from '../../state/history.ts';
import { readMigrations } from '../../state/recorded-migrations.ts';
import { StateFileError } from '../../state/state-file-error.ts';
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

/** Prints the story of a migration, or of all of them, from what is recorded, also while the daemon runs. */
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
    const stories = chosen.map((recording) => storyOf(recording, now));
    print(renderers[options.format](stories, now));
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    say(error.message);
    return exitCode.state;
  }
}

/** A report goes to others, and what Atlas said is recorded as it was. Without credentials there is nothing to hide. */
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
