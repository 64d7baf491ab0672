import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { cleanText } from '../../atlas/clean-text.ts';
import { findConfigFile } from '../../config/config-file.ts';
import type { Config } from '../../config/schema.ts';
import { type Candidate, type Completion, complete } from '../completion/complete.ts';
import { completionScript, type Shell } from '../completion/scripts.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadConfigOnly } from '../load-settings.ts';
import { print } from '../terminal.ts';

/** Prints the script by which a shell completes command lines of this program. */
export function completionCommand(shell: Shell): ExitCode {
  print(completionScript(shell).trimEnd());
  return exitCode.done;
}

/** Answers such a script: prints what completes the last word. Exit code 1 means the path of a file. */
export async function completeCommand(program: Command, words: readonly string[]): Promise<ExitCode> {
  const completion = complete(program, words);
  if (completion.kind === 'file') return exitCode.no;
  const candidates = completion.kind === 'words' ? completion.candidates : await namesOf(completion);
  const lines = candidates.map(
    ({ value, description }) => `${value}\t${description.replaceAll(/\s+/g, ' ')}`,
  );
  if (lines.length > 0) print(lines.join('\n'));
  return exitCode.done;
}

async function namesOf(name: Extract<Completion, { kind: 'name' }>): Promise<readonly Candidate[]> {
  const path = findConfigFile(name.config, process.env);
  // What comes from a pipe can be read only once.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return [];
  const loaded = await loadConfigOnly(path);
  const named = loaded === undefined ? [] : candidatesIn(loaded.config, name.of);
  return named
    .filter(({ value }) => !name.except.includes(value))
    .map(({ value, description }) => ({ value: cleanText(value, Number.POSITIVE_INFINITY), description }));
}

function candidatesIn({ migrations, notify, ping }: Config, of: 'migration' | 'sink'): readonly Candidate[] {
  if (of === 'migration')
    return migrations.map(({ name: value, groupId, liveMigrationId }) => ({
      value,
      description: `${groupId}/${liveMigrationId}`,
    }));
  return [
    ...notify.map(({ name: value, type: description }) => ({ value, description })),
    ...(ping === undefined ? [] : [{ value: 'ping', description: 'the ping' }]),
  ];
}
