import { type Command, CommanderError } from 'commander';
import type { HeldSignals } from '../daemon/held-signals.ts';
import { stopSignals, useHeldSignals } from '../daemon/signals.ts';
import { end as endProcess, leave } from './exit.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { takenByNpm } from './npm.ts';
import { allCommands, createProgram } from './program.ts';
import { ignoreErrorsOf, prepareTerminal, say } from './terminal.ts';

/** The signals that commands listen for. The others have their default action, as all have in other commands. */
const signalsOf: Readonly<Record<string, readonly NodeJS.Signals[]>> = {
  run: [...stopSignals, 'SIGHUP'],
  demo: stopSignals,
  wait: stopSignals,
  init: stopSignals,
};

/** Runs the program with these arguments (without node and the script), and ends the process. */
export async function main(args: readonly string[], held: HeldSignals): Promise<never> {
  useHeldSignals(held);
  ignoreErrorsOf(process.stderr);
  // A command that listens for stops also listens for this.
  process.on('uncaughtException', (error) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    sayInternal(error);
    leave(exitCode.internal);
  });
  await prepareTerminal();
  const code = await run(args, held);
  await held.release();
  return endProcess(code);
}

/**
 * Runs the program with these arguments (without node and the script) and returns its exit code. Commands are
 * loaded when they are used: most of the time to start is spent on loading.
 */
async function run(args: readonly string[], held: HeldSignals): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = createProgram((ended) => {
    code = ended;
  }).hook('preAction', (_program, command) => held.release(signalsOf[command.name()]));
  const taken = takenByNpm(process.env, args, optionsOf(program));
  if (taken !== undefined) {
    say(taken);
    return exitCode.usage;
  }
  try {
    await program.parseAsync(withDefaultCommand(withKnownHelp(args, program)), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    sayInternal(error);
    return exitCode.internal;
  }
}

function sayInternal(error: unknown): void {
  say(`cutover-watch met an internal error; please report it: ${describe(error)}`);
}

/** Returns the long options of all commands, without the dashes, and whether they take a value. */
function optionsOf(program: Command): ReadonlyMap<string, boolean> {
  const options = allCommands(program).flatMap((command) => command.options);
  return new Map(
    options.flatMap(({ long, required, optional }) =>
      long === undefined ? [] : [[long.replace(/^--(?:no-)?/, ''), required || optional] as const],
    ),
  );
}

/** Commander answers `help` of a mistyped command with all of the help; this gets its advice. */
function withKnownHelp(args: readonly string[], { commands }: Command): readonly string[] {
  const [first, name, ...rest] = args;
  const isUnknown = name !== undefined && !['help', ...commands.map((each) => each.name())].includes(name);
  return first === 'help' && isUnknown && !name.startsWith('-') ? [name, ...rest] : args;
}

/** No command means the daemon; spelling it out here keeps commander's advice for a mistyped one. */
function withDefaultCommand(args: readonly string[]): string[] {
  const [first] = args;
  const isProgramOption = first !== undefined && ['-h', '--help', '--version'].includes(first);
  const isDaemon = first === undefined || (first.startsWith('-') && !isProgramOption);
  return isDaemon ? ['run', ...args] : [...args];
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
