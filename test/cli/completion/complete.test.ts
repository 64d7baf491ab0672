import { describe, expect, test } from 'vitest';
import { complete } from '../../../src/cli/completion/complete.ts';
import { createProgram } from '../../../src/cli/program.ts';

const program = createProgram(() => {});
const commands = program.commands.map((command) => command.name()).filter((name) => !name.startsWith('_'));

function wordsFor(...words: readonly string[]): readonly string[] {
  const completion = complete(program, words);
  if (completion.kind !== 'words') throw new Error(`It wants a ${completion.kind}.`);
  return completion.candidates.map(({ value }) => value);
}

describe('completion offers', () => {
  test('every command first, and after help', () => {
    expect(wordsFor('')).toEqual([...commands, 'help']);
    expect(wordsFor('help', 'ru')).toEqual([...commands, 'help']);
    expect(wordsFor('help', 'run', '')).toEqual([]);
  });

  test('the options of the command, and of run where no command is named', () => {
    for (const { commands: all } of [program])
      for (const command of all.filter((each) => commands.includes(each.name())))
        expect(wordsFor(command.name(), '-')).toEqual(
          expect.arrayContaining(command.options.map(({ long }) => long)),
        );
    expect(wordsFor('-')).toEqual(expect.arrayContaining(['--version', '--help', '--once']));
    expect(wordsFor('--once', '-')).toContain('--exit-when-settled');
  });

  test('the values of an option', () => {
    expect(wordsFor('wait', '--for', '')).toEqual(['ready', 'complete', 'settled']);
    expect(wordsFor('wait', '--for=')).toEqual(['--for=ready', '--for=complete', '--for=settled']);
    expect(wordsFor('wait', '--timeout', '')).toEqual([]);
    expect(wordsFor('report', '--format', 'm')).toContain('md');
  });

  test.each([
    [['check', '-c', '']],
    [['--config', 'x']],
    [['init', '--private-key-file', '']],
    [['wait', 'orders', '--config', '']],
  ])('the path of a file after %j', (words) => {
    expect(complete(program, words)).toEqual({ kind: 'file' });
  });

  test.each([
    { words: ['wait', ''], config: undefined, except: [] },
    { words: ['wait', 'orders', '--for', 'ready', ''], config: undefined, except: ['orders'] },
    { words: ['wait', '-c', 'a.yaml', ''], config: 'a.yaml', except: [] },
    { words: ['wait', '--config=a.yaml', '--json', ''], config: 'a.yaml', except: [] },
    { words: ['wait', '--', '-'], config: undefined, except: [] },
    { words: ['history', 'or'], config: undefined, except: [] },
    { words: ['report', '--format', 'md', ''], config: undefined, except: [] },
  ])('a migration after $words', ({ words, config, except }) => {
    expect(complete(program, words)).toEqual({ kind: 'name', of: 'migration', config, except });
  });

  test('a receiver after notify test and notify list', () => {
    expect(wordsFor('notify', '')).toEqual(['test', 'list']);
    expect(complete(program, ['notify', 'test', 'mail', ''])).toEqual({
      kind: 'name',
      of: 'sink',
      config: undefined,
      except: ['test', 'mail'],
    });
  });

  test('what comes below a command, and the path of a file there', () => {
    expect(wordsFor('state', '')).toEqual(expect.arrayContaining(['backup', 'copy']));
    expect(wordsFor('state', 'backup', '-')).toEqual(expect.arrayContaining(['--config']));
    expect(wordsFor('state', 'sing', '')).toEqual([]);
    expect(complete(program, ['state', 'backup', ''])).toEqual({ kind: 'file' });
    expect(complete(program, ['state', 'copy', 'a', ''])).toEqual({ kind: 'file' });
  });

  test('what an argument may be', () => {
    expect(wordsFor('schema', '')).toEqual(expect.arrayContaining(['config', 'events']));
    expect(wordsFor('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test.each([
    ['an unknown command', ['sing', '']],
    ['more arguments than there are', ['history', 'orders', '']],
    ['migrations that options name', ['wait', '--migration', 'a=1/2', '']],
    ['a command without arguments', ['check', '']],
  ])('nothing for %s', (_, words) => {
    expect(wordsFor(...words)).toEqual([]);
  });
});
