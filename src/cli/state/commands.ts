import type { Command } from 'commander';
import type { BackupOptions } from '../commands/state-backup.ts';
import type { ExitCode } from '../exit-code.ts';

const copyExample = `
FROM and TO are paths of state files, or @FILE for a PostgreSQL database, where FILE has its address: that is a secret, and
others can read a command line.

Example, with the watcher stopped:
  $ cutover-watch state copy state.db copy.db
Into a database:
  cutover-watch state copy /var/lib/cutover-watch/state.db @/run/secrets/state-url`;

type ConfigOption = readonly [string, string, (path: string) => string];

/** Adds the commands about the place of the state. */
export function addStateCommands(
  program: Command,
  configOption: ConfigOption,
  end: (code: ExitCode) => void,
): void {
  const state = program.command('state').description('back up the state, or copy it elsewhere');
  state
    .command('backup')
    .description('copy the state file of the configuration as it is now, also while the daemon runs')
    .argument('<file>', 'where nothing is yet: path of the copy')
    .option(...configOption)
    .addHelpText('after', '\nExample:\n  $ cutover-watch state backup "state-$(date +%F).db"')
    .action(async (file: string, options: BackupOptions) =>
      end(await (await import('../commands/state-backup.ts')).backupCommand(file, options)),
    );
  state
    .command('copy')
    .description('copy the state of a stopped watcher from a file into a database, back, or elsewhere')
    .argument('<from>', 'state file, or @FILE with the address of a database')
    .argument('<to>', 'where nothing is yet: state file, or @FILE with the address of a database')
    .addHelpText('after', copyExample)
    .action(async (from: string, to: string) =>
      end(await (await import('../commands/state.ts')).copyCommand(from, to)),
    );
}
