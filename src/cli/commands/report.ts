import { toHtml } from '../../report/html.ts';
import { toJson } from '../../report/json.ts';
import { toMarkdown } from '../../report/markdown.ts';
import { type Recording, recordingsOf } from '../../report/recording.ts';
import { storyOf } from '../../report/story.ts';
import { readHistory } from '../../state/history.ts';
import { readMigrations } from '../../state/recorded-migrations.ts';
import { StateFileError } from '../../state/state-file-error.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadConfigAlone } from '../settings.ts';
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
  const settings = await loadConfigAlone(options.config);
  if (settings === undefined) return exitCode.configuration;
  const { migrations, state } = settings.config;
  try {
    const recordings = recordingsOf(
      migrations,
      [...readMigrations(state.path, 0)],
      [...readHistory(state.path)],
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

/** A migration may have had another name when some of it was recorded. */
function isCalled({ name, events }: Recording, wanted: string): boolean {
  return name === wanted || events.some(({ migration }) => migration === wanted);
}
