import { escapeDollars } from '../config/interpolate.ts';
import { loadConfig } from '../config/load.ts';
import { noNotifications } from '../config/notification-secrets.ts';
import { memory } from '../config/state-settings.ts';
import { IncludeReader } from '../daemon/included-files.ts';
import { patience } from '../daemon/read-file.ts';
import { loadCredentialsOf, registerSecretsIn, type Settings } from '../daemon/settings.ts';
import { Redactor } from '../events/redactor.ts';
import { type RecordedState, readRecordedState, withoutRecord } from './check/recorded-state.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { readMigrations, suggestsAccount } from './init/arguments.ts';
import { loadSettings } from './load-settings.ts';
import { say } from './terminal.ts';

/** What a command asks Atlas about: a configuration file, or migrations that its options name. */
export interface SourceOptions {
  readonly config?: string;
  readonly migration?: readonly string[];
  readonly apiVersion?: string;
  readonly baseUrl?: string;
}

/** The settings of a command that runs for a while, and what a watcher has recorded of its migrations. */
export interface Source {
  readonly settings: Settings;
  readonly recordOf: (targets: Settings['config']['migrations']) => Promise<RecordedState>;
}

const place = 'The command line';

/**
 * Loads the configuration file, or, where options name migrations, makes a configuration of these, with credentials from
 * the environment: then no file and no record is read. Says all that is wrong, and returns the exit code for that.
 */
export async function loadSource(options: SourceOptions): Promise<Source | ExitCode> {
  const { migration, apiVersion, baseUrl } = options;
  if (migration !== undefined) {
    const settings = await namedSettings({ ...options, migration });
    return typeof settings === 'number'
      ? settings
      : { settings, recordOf: () => Promise.resolve(withoutRecord) };
  }
  if (apiVersion !== undefined || baseUrl !== undefined) {
    say(
      '--api-version and --base-url belong to --migration: with a configuration file, write them there as atlas.apiVersion and atlas.baseUrl.',
    );
    return exitCode.usage;
  }
  const settings = await loadSettings(options.config, { notifies: false });
  if (settings === undefined) return exitCode.configuration;
  return { settings, recordOf: (targets) => readRecordedState(settings.state, targets, Date.now()) };
}

async function namedSettings({
  migration,
  apiVersion,
  baseUrl,
}: SourceOptions & { readonly migration: readonly string[] }): Promise<Settings | ExitCode> {
  const { env } = process;
  const { migrations, problems } = readMigrations(migration);
  const tree = {
    atlas: { baseUrl, apiVersion, auth: { type: suggestsAccount(env) ? 'serviceAccount' : 'apiKey' } },
    migrations: migrations.map(({ name, ...ids }) => ({
      ...ids,
      ...(name !== undefined && { name: escapeDollars(name) }),
    })),
    state: { path: ':memory:' },
  };
  const readFile = () => Promise.resolve(JSON.stringify(tree));
  const loaded = problems.length > 0 ? undefined : await loadConfig({ file: place, env, readFile });
  const wrong = [...problems, ...(loaded === undefined || loaded.ok ? [] : loaded.problems.map(byOption))];
  if (loaded === undefined || !loaded.ok) {
    say(...wrong);
    return exitCode.usage;
  }
  const { config } = loaded;
  const redactor = new Redactor();
  registerSecretsIn(config, redactor);
  const access = await loadCredentialsOf(config, redactor, patience.start);
  say(...(access.ok ? access.warnings : access.problems.map(withoutKeys)));
  if (!access.ok) return exitCode.configuration;
  const { credentials, sources } = access;
  return {
    file: place,
    content: '',
    config,
    credentials,
    sources,
    notifications: noNotifications,
    notificationSources: new Map(),
    state: memory,
    stateSource: undefined,
    included: new IncludeReader(place),
    redactor,
  };
}

/** Without a file, the environment is the only place for credentials. */
function withoutKeys(problem: string): string {
  return problem.replace(/, or (?:write it|name its file) as atlas\.auth\.\w+/, '');
}

/** Problems name keys of the configuration; here these come from options. */
function byOption(problem: string): string {
  return problem
    .replaceAll(/migrations\[(\d+)\](\.name)?/g, (_key, index: string, name?: string) => {
      const option = `--migration number ${Number(index) + 1}`;
      return name === undefined ? option : `the name of ${option}`;
    })
    .replaceAll('atlas.baseUrl', '--base-url')
    .replaceAll('atlas.apiVersion', '--api-version');
}
