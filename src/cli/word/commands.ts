import type { Command } from 'commander';
import type { OperatorRequest } from '../../state/operator-word.ts';
import type { ExitCode } from '../exit-code.ts';
import type { WordOptions } from './requests.ts';

type ConfigOption = readonly [string, string, (path: string) => string];

/** Adds the commands by which people state what Atlas does not show. */
export function addWordCommands(
  program: Command,
  configOption: ConfigOption,
  end: (code: ExitCode) => void,
): void {
  const word = (
    command: OperatorRequest['command'],
    description: string,
    example: string,
    options: readonly (readonly [flags: string, description: string])[],
  ): void => {
    const added = program
      .command(command)
      .description(description)
      .argument('<name>', 'the migration')
      .option(...configOption);
    for (const [flags, about] of options) added.option(flags, about);
    added
      .option('--comment <text>', 'why, for the log and for others')
      .addHelpText('after', `\nExample:\n  $ cutover-watch ${example}`)
      .action(async (name: string, given: WordOptions) =>
        end(await (await import('../commands/word.ts')).wordCommand(command, name, given)),
      );
  };
  word(
    'extend',
    'state the true end of a window, which Atlas does not show',
    'extend orders --by 48h --comment "extended in the console"',
    [
      ['--until <time>', 'the end, with a zone or an offset, such as 2026-12-03T10:00:00Z'],
      ['--by <duration>', 'how much later it is than the deadline so far, such as 48h'],
    ],
  );
  word(
    'ack',
    "acknowledge a migration that is ready or can't be read: reminders rest",
    'ack orders --until 12h --comment "cutover on Sunday"',
    [['--until <time|duration>', 'until then at the latest (default: until something urgent comes up)']],
  );
  word('unack', 'take an acknowledgement back', 'unack orders', []);
  word(
    'plan',
    'plan a cutover: reminders rest until then, and a plan at risk is reported',
    'plan orders --at "$(date -Iminutes -d "tomorrow 02:00")" --duration 2h',
    [
      ['--at <time>', 'when the cutover is to begin, with a zone or an offset: 2026-11-29T02:00:00+01:00'],
      ['--duration <duration>', 'how long it takes; after that it counts as missed (default: 2h)'],
      ['--clear', 'there is no plan any more'],
    ],
  );
}
