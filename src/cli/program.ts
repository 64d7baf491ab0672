import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from './exit-code.ts';
import { addNotifyCommand } from './notify/command.ts';
import { callerPath } from './npm.ts';
import { readVersion } from './program-name.ts';
import { addStateCommands } from './state/commands.ts';
import { print, sayText } from './terminal.ts';
import { addWordCommands } from './word/commands.ts';

const configOption = [
  '-c, --config <file>',
  'configuration file (default: $CUTOVER_WATCH_CONFIG, else config/cutover-watch.yaml)',
  (path: string): string => callerPath(path, process.env, process.cwd()),
] as const;

/** The option that names migrations without a configuration file. */
function migrationOption(): Option {
  return new Option(
    '--migration <[name=]project/id>',
    'a migration, in place of a configuration file: project id and live migration id; may be repeated',
  )
    .argParser(collect)
    .conflicts('config');
}

function versionOption(): Option {
  return new Option('--api-version <version>', 'with --migration: version of the Atlas API').choices([
    'v1.0',
    'v2',
  ]);
}

function collect(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

const baseUrlOption = ['--base-url <address>', 'with --migration: address of Atlas'] as const;

const initExamples = `
Examples:
  $ cutover-watch init
  $ cutover-watch init --yes --no-verify --print --migration orders=5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d0
  $ cutover-watch init --no-verify --add customers=5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d9
From the reply of Atlas that created the migration:
  curl ... | cutover-watch init --add customers=-`;

/** Returns all commands and options; `end` receives the exit code of the command that ran. */
export function createProgram(end: (code: ExitCode) => void): Command {
  const program = new Command('cutover-watch')
    .description('Watches MongoDB Atlas push live migrations and says when each is ready for cutover.')
    .version(readVersion(), '--version')
    .showHelpAfterError('(cutover-watch --help lists commands and options)')
    .configureOutput({ writeOut: print, writeErr: sayText })
    .exitOverride();

  program
    .command('run')
    .description('watch until stopped (the default without a command)')
    .option(...configOption)
    .option('--once', 'one round of polls, then stop')
    .option(
      '--exit-when-settled',
      'stop when every migration is complete, failed, expired or no longer in Atlas',
    )
    .option('--timeout <duration>', 'with --exit-when-settled: stop after this time with exit code 1')
    .addHelpText(
      'after',
      '\nExample:\n  $ cutover-watch run -c config/cutover-watch.yaml --exit-when-settled',
    )
    .action(async (options) => end(await (await import('./commands/run.ts')).runCommand(options)));

  program
    .command('init')
    .description(
      'write a configuration from a few questions, or from these options, and check it against Atlas',
    )
    .option(
      '-c, --config <file>',
      'file to write (default: $CUTOVER_WATCH_CONFIG, else config/cutover-watch.yaml)',
      configOption[2],
    )
    .option('-y, --yes', 'ask nothing; what is missing is an error')
    .option('--public-key <key>', 'public key of the Atlas API key')
    .option('--private-key-file <file>', 'file that holds its private key')
    .option('--client-id <id>', 'client id of a service account, in place of an API key')
    .option('--client-secret-file <file>', 'file that holds its client secret')
    .option(
      '--migration <[name=]project/id>',
      'a migration: project id and live migration id, or its address; may be repeated',
      collect,
    )
    .option(
      '--add [[name=]project/id]',
      'add a migration to the file that exists; - reads the reply of Atlas that created it from standard input',
    )
    .option('--project <id>', 'with --add -: project of the migration, if the reply does not name it')
    .option('--base-url <address>', 'address of Atlas (default: https://cloud.mongodb.com)')
    .option('--state <file>', 'file that remembers what was seen')
    .option('--listen <host:port>', 'where to serve the status page, health, metrics and the API, or false')
    .option('--no-verify', 'do not ask Atlas')
    .option('-f, --force', 'replace the file where it exists')
    .option('--print', 'print the configuration to standard output instead')
    .addHelpText('after', initExamples)
    .action(async (options) => end(await (await import('./commands/init.ts')).initCommand(options)));

  program
    .command('check')
    .description('poll every migration once and print a table')
    .option(...configOption)
    .addOption(migrationOption())
    .addOption(versionOption())
    .option(...baseUrlOption)
    .option('--json', 'print JSON instead')
    .addHelpText('after', '\nExample:\n  $ cutover-watch check -c config/cutover-watch.yaml')
    .action(async (options) => end(await (await import('./commands/check.ts')).checkCommand(options)));

  program
    .command('wait')
    .description(
      'block until every named migration is ready for cutover, complete, or at any end; all when none is named',
    )
    .argument('[name...]', 'migrations to wait for')
    .option(...configOption)
    .addOption(migrationOption())
    .addOption(versionOption())
    .option(...baseUrlOption)
    .addOption(
      new Option('--for <goal>', 'what to wait for')
        .choices(['ready', 'complete', 'settled'])
        .default('ready'),
    )
    .option(
      '--max-lag <duration>',
      'with --for ready: also until the lag of two polls in a row is at most this',
    )
    .option('--timeout <duration>', 'give up after this time, such as 90s, 30m or 6h (default: never)')
    .option('--json', 'print JSON at the end instead, with the reason')
    .addHelpText(
      'after',
      '\nExample:\n  $ cutover-watch wait --for ready --timeout 6h orders && ./cut-over.sh',
    )
    .action(async (names, options) =>
      end(await (await import('./commands/wait.ts')).waitCommand(names, options)),
    );

  program
    .command('validate')
    .description(
      'check the configuration and print it as it will be used, with where each value comes from, secrets masked',
    )
    .option(...configOption)
    .option('--json', 'print JSON instead')
    .addHelpText('after', '\nExample:\n  $ cutover-watch validate -c config/cutover-watch.yaml')
    .action(async (options) => end(await (await import('./commands/validate.ts')).validateCommand(options)));

  program
    .command('history')
    .description('print the recorded events, oldest first')
    .argument('[name]', 'only of this migration')
    .option(...configOption)
    .option('--json', 'print the events as they were written, one JSON object a line')
    .addHelpText('after', '\nExample:\n  $ cutover-watch history orders --json')
    .action(async (name, options) =>
      end(await (await import('./commands/history.ts')).historyCommand(name, options)),
    );

  program
    .command('report')
    .description('summarize a migration, or all of them, for a change ticket')
    .argument('[name]', 'only of this migration')
    .option(...configOption)
    .addOption(
      new Option('--format <format>', 'Markdown, one HTML file with the lag plotted, or JSON')
        .choices(['md', 'html', 'json'])
        .default('md'),
    )
    .option('--title <text>', 'heading of the report, such as the number of the change')
    .addHelpText(
      'after',
      '\nExample:\n  $ cutover-watch report orders --format html > new.html && mv new.html orders.html',
    )
    .action(async (name, options) =>
      end(await (await import('./commands/report.ts')).reportCommand(name, options)),
    );

  program
    .command('schema')
    .description('print a JSON Schema')
    .addArgument(new Argument('<name>', 'of what').choices(['config', 'migrations', 'events']))
    .addHelpText('after', '\nExample:\n  $ cutover-watch schema events')
    .action(async (name) => end((await import('./commands/schema.ts')).schemaCommand(name)));

  program
    .command('healthcheck')
    .description('ask the running daemon whether its poll loop is alive')
    .option(...configOption)
    .addHelpText(
      'after',
      '\nExample:\n  $ cutover-watch healthcheck -c config/cutover-watch.yaml\nIn a Dockerfile:\n  HEALTHCHECK CMD ["cutover-watch", "healthcheck"]',
    )
    .action(async (options) =>
      end(await (await import('./commands/healthcheck.ts')).healthcheckCommand(options)),
    );

  program
    .command('demo')
    .description('watch a whole set of simulated migrations, in under a minute')
    .option('--speed <n>', 'how many times faster, from 0.1 to 2', parseSpeed, 1)
    .addHelpText(
      'after',
      '\nOn a terminal the status page is served until Ctrl-C; with a pipe the demo ends when everything is over.\n\nExample:\n  $ cutover-watch demo --speed 2',
    )
    .action(async (options) => end(await (await import('./commands/demo.ts')).demoCommand(options)));

  addWordCommands(program, configOption, end);
  addNotifyCommand(program, configOption, end);
  addStateCommands(program, configOption, end);
  program
    .command('completion')
    .description('print the script by which a shell completes commands, options and names of migrations')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples, for ~/.bashrc, ~/.zshrc and ~/.config/fish/config.fish:\n  $ cutover-watch completion bash\n  source <(cutover-watch completion bash)\n  source <(cutover-watch completion zsh)\n  cutover-watch completion fish | source',
    )
    .action(async (shell) => end((await import('./commands/completion.ts')).completionCommand(shell)));

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words) =>
      end(await (await import('./commands/completion.ts')).completeCommand(program, words)),
    );

  for (const command of allCommands(program)) {
    const advice = `cutover-watch ${nameOf(command)} --help lists arguments and options`;
    command.showHelpAfterError(`(${advice})`);
  }
  return program;
}

/** Returns the commands that do something, also those below another one, as `state copy` is. */
export function allCommands(parent: Command): readonly Command[] {
  return parent.commands.flatMap((command) =>
    command.commands.length === 0 ? [command] : allCommands(command),
  );
}

/** Returns the name of a command as people write it after that of the program. */
export function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
}

/** Polls come once a second and steps last two seconds at least, so twice as fast is the limit. */
function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed >= 0.1 && speed <= 2)) throw new InvalidArgumentError('Give a number from 0.1 to 2.');
  return speed;
}
