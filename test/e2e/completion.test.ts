import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './program.ts';

const main = new URL('../../dist/main.js', import.meta.url).pathname;

const compileCache = new URL('../../node_modules/.cache/cutover-watch', import.meta.url).pathname;

/** Names with what shells treat in a special way. */
const names = ['orders', 'order history', 'a:b', "it's", 'x=y'];

/** A folder with the program in its path and a configuration; `run` runs a script of a shell there. */
function place(shell: string) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'config'));
  const program = join(folder, 'bin/cutover-watch');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`);
  chmodSync(program, 0o755);
  const migrations = names.map((name, n) => ({
    name,
    groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
    liveMigrationId: `7e68e12770616e75e6df43d${n}`,
  }));
  writeFileSync(join(folder, 'config/cutover-watch.yaml'), JSON.stringify({ migrations }));
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    NODE_COMPILE_CACHE: compileCache,
  };
  const script = execFileSync(program, ['completion', shell], { encoding: 'utf8', env });
  writeFileSync(join(folder, 'completion'), script);
  const run = (text: string, args: readonly string[] = []): string[] =>
    execFileSync(shell, [...args, '-c', text], { cwd: folder, env, encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  return { run };
}

/** Whether a shell is here. */
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit']).status === 0;

test.skipIf(!has('bash'))(
  'bash completes commands, options, their values and names (skipped without bash)',
  () => {
    const { run } = place('bash');
    // Each is a list of words as bash splits them, the last of which is completed.
    const cases: readonly (readonly [words: string, expected: readonly string[]])[] = [
      ['cutover-watch he', ['healthcheck', 'help']],
      ['cutover-watch wait --max', ['--max-lag']],
      ['cutover-watch wait --for c', ['complete']],
      ['cutover-watch wait --for = c', ['complete']],
      ['cutover-watch wait --for =', ['ready', 'complete', 'settled']],
      ["cutover-watch wait ''", ['orders', 'order\\ history', 'a:b', "it\\'s", 'x=y']],
      ['cutover-watch wait orders ord', ['order\\ history']],
      [`cutover-watch wait '"order h'`, ['order history']],
      ['cutover-watch wait a : b', ['b']],
      ['cutover-watch wait x =', ['y']],
      ["cutover-watch check -c ''", []],
    ];
    const script = cases
      .map(
        ([words]) =>
          `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _cutover_watch cutover-watch; echo "---" "\${COMPREPLY[@]/#/@}"`,
      )
      .join('\n');
    expect(run(`source ./completion\n${script}`)).toEqual(
      cases.map(([, expected]) => ['---', ...expected.map((value) => `@${value}`)].join(' ')),
    );
  },
);

test.skipIf(!has('fish'))('fish completes them with descriptions (skipped without fish)', () => {
  const { run } = place('fish');
  const completed = (line: string): string[] => run(`source ./completion; complete -C '${line}'`);
  expect(completed('cutover-watch wai')).toEqual([expect.stringMatching(/^wait\tblock until/)]);
  expect(completed('cutover-watch wait --for c')).toEqual(['complete']);
  expect(completed('cutover-watch wait --for=c')).toEqual(['--for=complete']);
  expect(completed('cutover-watch wait ord').map((line) => line.split('\t')[0])).toEqual(
    expect.arrayContaining(['orders', 'order history']),
  );
  expect(completed('cutover-watch check -c config/cut').map((line) => line.split('\t')[0])).toEqual([
    'config/cutover-watch.yaml',
  ]);
});

test.skipIf(!has('zsh'))('zsh completes them with descriptions (skipped without zsh)', () => {
  const { run } = place('zsh');
  // What zsh itself would do with the candidates, it prints here.
  const stubs = '_describe() { print -rl -- ${(P)2} }; _files() { print files }; compdef() { }';
  const completed = (words: string): string[] =>
    run(`${stubs}\nsource ./completion\nwords=(${words}); CURRENT=$#words; _cutover_watch`, ['-f']);
  expect(completed('cutover-watch wai')).toContainEqual(expect.stringMatching(/^wait:block until/));
  expect(completed("cutover-watch wait ''")).toEqual(
    names.map((name) => expect.stringContaining(`${name.replace(':', '\\:')}:5f7f5f`)),
  );
  expect(completed("cutover-watch wait orders ''")).toHaveLength(names.length - 1);
  expect(completed("cutover-watch check -c ''")).toEqual(['files']);
});
