import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../e2e/program.ts';
import { readHistory } from '../read-record.ts';

function makePipe(path: string): void {
  execFileSync('mkfifo', [path]);
}

function makeFolder(path: string): void {
  mkdirSync(path);
}

test.each([
  ['a pipe', makePipe],
  ['a folder', makeFolder],
])('%s in place of the state file is refused, and is not opened', async (_, make) => {
  const path = join(temporaryFolder(), 'state.db');
  make(path);
  await expect(readHistory(path)).rejects.toThrow(
    'is not a file, but a folder, a device, a pipe or a socket.',
  );
});
