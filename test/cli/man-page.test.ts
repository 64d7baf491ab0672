import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exitCode, exitMeanings } from '../../src/cli/exit-code.ts';
import { allCommands, createProgram, nameOf } from '../../src/cli/program.ts';

const page = new URL('../../config/cutover-watch.1', import.meta.url).pathname;
const groff = ['-man', '-ww', '-Tascii', '-P-cbou'] as const;
const isMissing = spawnSync('groff', ['--version']).status !== 0;

test('the man page has every command, option, argument and exit code', () => {
  const text = readFileSync(page, 'utf8').replaceAll('\\-', '-');
  for (const command of allCommands(createProgram(() => {})).filter((each) => !each.name().startsWith('_'))) {
    expect(text).toContain(`\n.SS ${nameOf(command)}\n`);
    for (const { long = '' } of command.options) expect(text).toContain(long);
  }
  expect(text).not.toContain('__complete');
  expect(exitMeanings.map(([code]) => code)).toEqual(Object.values(exitCode));
});

test.skipIf(isMissing)(
  'groff has no warning about the man page, and shows it (skipped without groff)',
  () => {
    const { status, stderr, stdout } = spawnSync('groff', [...groff, page], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('cutover-watch wait [options] [name...]');
    expect(stdout).toContain('$ cutover-watch wait --for ready --timeout 6h orders && ./cut-over.sh');
  },
);
