import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFileReader } from '../../src/daemon/read-file.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';

function pipeAt(path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}

it('reads a regular file as often as it is asked for', async () => {
  const path = join(temporaryDirectory(), 'file');
  const { readText, readRegular } = createFileReader();
  for (const text of ['', 'one', 'ü'.repeat(100_000)]) {
    writeFileSync(path, text);
    expect(await readText(path)).toBe(text);
    expect(await readRegular(path)).toBe(text);
  }
});

it('rejects with the code of the file system', async () => {
  const folder = temporaryDirectory();
  const { readText, stat } = createFileReader();
  await expect(readText(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(readText(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(stat(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('does not wait longer than it may for the writer of a pipe, and blocks no thread meanwhile', async () => {
  const folder = temporaryDirectory();
  const file = join(folder, 'file');
  writeFileSync(file, 'text');
  const { readText } = createFileReader();
  // More than libuv has threads.
  const pipes = Array.from({ length: 8 }, (_, n) => pipeAt(join(folder, `pipe${n}`)));
  const reads = Promise.all(
    pipes.map((pipe) => readText(pipe, { fileMs: 60_000, pipeMs: 300 }).catch(String)),
  );
  expect(await readText(file)).toBe('text');
  for (const end of await reads) expect(end).toMatch(/is a pipe that nobody writes to\. /);
});

it('reads a pipe once, and says so when it is asked again, until another file is in its place', async () => {
  const path = pipeAt(join(temporaryDirectory(), 'pipe'));
  const { readText } = createFileReader();
  const read = readText(path);
  // It opens the pipe after the reader has.
  await Promise.all([writeFile(path, 'secret'), expect(read).resolves.toBe('secret')]);
  await expect(readText(path)).rejects.toThrow(/^is no regular file, and can be read only once\. Restart /);
  rmSync(path);
  writeFileSync(path, 'regular');
  expect(await readText(path)).toBe('regular');
});

it('takes nothing out of a pipe when it is to read regular files only', async () => {
  const path = pipeAt(join(temporaryDirectory(), 'pipe'));
  const written = writeFile(path, 'secret');
  expect(await createFileReader().readRegular(path)).toBeUndefined();
  expect(await readFile(path, 'utf8')).toBe('secret');
  await written;
});

it('stops at a size limit, so that a device does not fill memory', async () => {
  const { readText } = createFileReader(1024 * 1024);
  await expect(readText('/dev/zero')).rejects.toThrow('has more than 1 MiB. Name the right file.');
  expect(await readText('/dev/null')).toBe('');
});

it('rejects what is asked for while an operation hangs, and reads on when it has ended', async () => {
  const path = pipeAt(join(temporaryDirectory(), 'pipe'));
  const file = `${path}.file`;
  writeFileSync(file, 'text');
  const { readText, inTurn } = createFileReader();
  // Opening a pipe the usual way hangs as a file of a lost mount does.
  const wait = { fileMs: 100, pipeMs: 100 };
  const hung = inTurn(() => readFile(path, 'utf8'), 100);
  await expect(hung).rejects.toThrow(/^does not answer within 0\.1 s\. /);
  await expect(readText(file, wait)).rejects.toThrow(/^does not answer within 0\.1 s\. /);
  await writeFile(path, '');
  expect(await readText(file)).toBe('text');
});
