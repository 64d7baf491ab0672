import type { Argument, Command, Option } from 'commander';
import { exitMeanings } from './exit-code.ts';
import { nameOf } from './program.ts';

const environment: Readonly<Record<string, string>> = {
  CUTOVER_WATCH_CONFIG: 'The configuration file, if -c names none.',
  'MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY':
    'The Atlas API key. With _FILE at the end of a name, the variable names a file that holds it.',
  'MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET':
    'A service account in place of an API key, likewise.',
  CREDENTIALS_DIRECTORY: 'Where systemd puts credentials: atlas-public-key, atlas-private-key.',
  'STATE_DIRECTORY, XDG_STATE_HOME': 'Where the state file is, if the configuration names none.',
  'HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS': 'The way to Atlas.',
  NO_COLOR: 'No colors.',
};

const files: Readonly<Record<string, string>> = {
  'config/cutover-watch.yaml': 'The configuration file, if neither -c nor the environment names one.',
  '~/.local/state/cutover-watch/state.db':
    'The state file, if neither the configuration nor the environment names one.',
};

/** Returns the man page of section 1, in the macros of man(7), for all commands of the program. */
export function manPage(program: Command, version: string): string {
  const commands = visibleCommands(program);
  const lines = [
    `.\\" Generated from the commands of the program.`,
    `.TH CUTOVER-WATCH 1 "" "cutover-watch ${version}" "User Commands"`,
    '.nh',
    '.ad l',
    '.SH NAME',
    `cutover-watch \\- watch MongoDB Atlas push live migrations until cutover`,
    '.SH SYNOPSIS',
    ...commands.flatMap(synopsis),
    '.SH DESCRIPTION',
    text(program.description()),
    text('No command means run.'),
    '.SH COMMANDS',
    ...commands.flatMap(section),
    '.SH EXIT STATUS',
    ...exitMeanings.flatMap(([code, meaning]) => item(bold(String(code)), meaning)),
    '.SH ENVIRONMENT',
    ...Object.entries(environment).flatMap(([name, meaning]) => item(bold(name), meaning)),
    '.SH FILES',
    ...Object.entries(files).flatMap(([name, meaning]) => item(italic(name), meaning)),
    '.SH SEE ALSO',
    text('The README and the pages in config, which explain every key of the configuration and every event.'),
  ];
  return `${lines.join('\n')}\n`;
}

/** The help is commander's own. */
function visibleCommands(parent: Command): readonly Command[] {
  const commands = parent.createHelp().visibleCommands(parent);
  return commands
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => (command.commands.length === 0 ? [command] : visibleCommands(command)));
}

function synopsis(command: Command): string[] {
  const operands = command.registeredArguments.map((argument) => ` ${operand(argument)}`).join('');
  return [`${bold(`cutover-watch ${nameOf(command)}`)} [${italic('options')}]${operands}`, '.br'];
}

function section(command: Command): string[] {
  const help = command.createHelp();
  return [
    `.SS ${escaped(nameOf(command))}`,
    text(sentence(command.description())),
    ...command.registeredArguments.flatMap((argument) =>
      item(operand(argument), sentence(help.argumentDescription(argument))),
    ),
    ...help
      .visibleOptions(command)
      .flatMap((option) => item(flagsOf(option), sentence(help.optionDescription(option)))),
    ...examplesOf(command),
  ];
}

function operand(argument: Argument): string {
  const name = italic(argument.name());
  const repeated = argument.variadic ? `${name}...` : name;
  return argument.required ? repeated : `[${repeated}]`;
}

/** Names are bold, values italic. */
function flagsOf({ flags }: Option): string {
  return flags
    .split(/(<.+>)/)
    .map((part) => (part.startsWith('<') ? italic(part.slice(1, -1)) : bold(part)))
    .join('');
}

/** Returns what `--help` shows below the options: examples, which are indented there, and sentences. */
function examplesOf(command: Command): string[] {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => parts.push(part) }).outputHelp();
  // The first part is what this page has already.
  const lines = parts.slice(1).join('').split('\n');
  return lines
    .filter((line) => line !== '')
    .flatMap((line) =>
      line.startsWith(' ') ? ['.RS 4', '.nf', escaped(line.trim()), '.fi', '.RE'] : ['.P', escaped(line)],
    );
}

function item(head: string, body: string): string[] {
  return ['.TP', head, escaped(body)];
}

function text(words: string): string {
  return `.P\n${escaped(words)}`;
}

function sentence(words: string): string {
  return words.endsWith('.') ? upperFirst(words) : `${upperFirst(words)}.`;
}

function upperFirst(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function bold(words: string): string {
  return `\\fB${escaped(words)}\\fR`;
}

function italic(words: string): string {
  return `\\fI${escaped(words)}\\fR`;
}

/** Escapes what roff takes for its own: backslashes, hyphens that are to be copied, and a dot or quote that begins a line. */
function escaped(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll(/^([.'])/gm, '\\&$1');
}
