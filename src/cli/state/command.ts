import { Argument, type Command } from 'commander';
import type { ExitCode } from '../exit-code.ts';

const example = `
FROM and TO are paths of state files, or @FILE for a PostgreSQL database, where FILE has its address: that is a secret, and
others can read a command line.

Example, with the watcher stopped:
  $ cutover-watch state copy state.db copy.db
Into a database:
  cutover-watch state copy /var/lib/cutover-watch/state.db @/run/secrets/state-url`;

/** Adds the command about the place of the state. */
export function addStateCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('state')
    .description('copy: copy the state of a stopped watcher from a file into a database, back, or elsewhere')
    .addArgument(new Argument('<action>', 'what to do').choices(['copy']))
    .argument('<from>', 'state file, or @FILE with the address of a database')
    .argument('<to>', 'where nothing is yet: state file, or @FILE with the address of a database')
    .addHelpText('after', example)
    .action(async (_copy: string, from: string, to: string) =>
      end(await (await import('../commands/state.ts')).copyCommand(from, to)),
    );
}
