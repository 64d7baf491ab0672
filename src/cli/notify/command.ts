import { Argument, type Command } from 'commander';
import type { NotifyOptions } from '../commands/notify.ts';
import type { ExitCode } from '../exit-code.ts';

type ConfigOption = readonly [string, string, (path: string) => string];

/** Adds the command about receivers of notifications. */
export function addNotifyCommand(
  program: Command,
  configOption: ConfigOption,
  end: (code: ExitCode) => void,
): void {
  program
    .command('notify')
    .description('test: send a test to receivers of notifications; list: show what waits for them')
    .addArgument(new Argument('<action>', 'what to do').choices(['test', 'list']))
    .argument('[sink...]', 'receivers, by their names under notify; ping for the ping (default: all)')
    .option(...configOption)
    .option('--json', 'print JSON instead')
    .addHelpText(
      'after',
      '\nExamples:\n  $ cutover-watch notify test on-call\n  $ cutover-watch notify list -c config/cutover-watch.yaml',
    )
    .action(async (action: 'test' | 'list', names: string[], options: NotifyOptions) =>
      end(await (await import('../commands/notify.ts')).notifyCommand(action, names, options)),
    );
}
