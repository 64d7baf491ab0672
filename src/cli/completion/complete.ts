import type { Argument, Command, Option } from 'commander';

/** What may come next, with a description for the shells that show one. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What completes the last word. */
export type Completion =
  | { readonly kind: 'words'; readonly candidates: readonly Candidate[] }
  /** The path of a file, which the shell knows. */
  | { readonly kind: 'file' }
  /** A migration or a receiver of the configuration file that `-c` names, but not one of these. */
  | {
      readonly kind: 'name';
      readonly of: 'migration' | 'sink';
      readonly config: string | undefined;
      readonly except: readonly string[];
    };

const nothing: Completion = { kind: 'words', candidates: [] };

/** What the words before the last one say. */
interface Given {
  readonly operands: readonly string[];
  /** The option whose value comes next. */
  readonly open: Option | undefined;
  readonly config: string | undefined;
  /** The configuration file is not read. */
  readonly namesMigrations: boolean;
  /** After `--` there are no options. */
  readonly operandsOnly: boolean;
}

/**
 * Returns what completes the last of the words that follow the name of the program. The shell chooses those that begin
 * with what is there.
 */
export function complete(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [first, ...rest] = before;
  if (first === undefined)
    return current.startsWith('-')
      ? list([...optionsOf(program), ...optionsOf(commandOf(program, 'run'))])
      : commandsOf(program);
  if (first === 'help') return rest.length > 0 ? nothing : commandsOf(program);
  // No command means run.
  const isImplied = first.startsWith('-');
  const command = commandOf(program, isImplied ? 'run' : first);
  return command === undefined ? nothing : completeFor(command, isImplied ? before : rest, current);
}

function completeFor(command: Command, before: readonly string[], current: string): Completion {
  const [first, ...rest] = before;
  if (command.commands.length > 0) {
    if (first === undefined) return current.startsWith('-') ? list(optionsOf(command)) : commandsOf(command);
    const named = commandOf(command, first);
    return named === undefined ? nothing : completeFor(named, rest, current);
  }
  const given = readWords(command, before);
  if (given.open !== undefined) return valuesOf(given.open, '');
  if (current.startsWith('-') && !given.operandsOnly) {
    const [, name] = /^(--[^=]+)=/.exec(current) ?? [];
    const option = name === undefined ? undefined : optionOf(command, name);
    if (option !== undefined) return valuesOf(option, `${name}=`);
    return list(optionsOf(command));
  }
  const { registeredArguments: all } = command;
  const argument = all[given.operands.length] ?? all.findLast(({ variadic }) => variadic);
  return argument === undefined ? nothing : operandsOf(argument, given);
}

function readWords(command: Command, words: readonly string[]): Given {
  const operands: string[] = [];
  const values = new Map<string, string>();
  let open: Option | undefined;
  let operandsOnly = false;
  for (const word of words) {
    const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    if (open !== undefined) {
      values.set(open.attributeName(), word);
      open = undefined;
    } else if (operandsOnly || !word.startsWith('-')) operands.push(word);
    else if (word === '--') operandsOnly = true;
    else {
      const option = optionOf(command, name);
      if (option !== undefined && value !== undefined) values.set(option.attributeName(), value);
      else if (option?.required === true) open = option;
    }
  }
  const config = values.get('config');
  return { operands, open, config, namesMigrations: values.has('migration'), operandsOnly };
}

function operandsOf(argument: Argument, { config, namesMigrations, operands }: Given): Completion {
  const { argChoices } = argument;
  if (argChoices !== undefined) return list(argChoices.map((value) => ({ value, description: '' })));
  if (['from', 'to', 'file'].includes(argument.name())) return { kind: 'file' };
  const of = argument.name() === 'sink' ? 'sink' : 'migration';
  return namesMigrations ? nothing : { kind: 'name', of, config, except: operands };
}

/** Returns the values of an option, each with `prefix` before it. */
function valuesOf({ argChoices, flags }: Option, prefix: string): Completion {
  if (argChoices !== undefined)
    return list(argChoices.map((value) => ({ value: `${prefix}${value}`, description: '' })));
  return prefix === '' && flags.includes('<file>') ? { kind: 'file' } : nothing;
}

function optionsOf(command: Command | undefined): readonly Candidate[] {
  const options = command?.createHelp().visibleOptions(command) ?? [];
  return options.map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
}

function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find(({ long, short }) => name === long || name === short);
}

function commandsOf(parent: Command): Completion {
  const commands = parent.createHelp().visibleCommands(parent);
  return list(commands.map((each) => ({ value: each.name(), description: each.description() })));
}

function commandOf(program: Command, name: string): Command | undefined {
  return program.commands.find((command) => command.name() === name);
}

function list(candidates: readonly Candidate[]): Completion {
  return { kind: 'words', candidates };
}
