import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { IncludeReader } from '../../src/daemon/included-files.ts';

/** A folder with files, and a reader of those in migrations.d. */
async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'include-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'migrations.d'));
  const write = (name: string, text: string) => writeFile(join(folder, 'migrations.d', name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const reader = new IncludeReader(join(folder, 'watch.yaml'));
  const read = async (...patterns: readonly string[]) => {
    const wanted = patterns.length === 0 ? ['migrations.d/*.yaml'] : patterns;
    const { files: found, unmatched } = await reader.read(wanted.map((pattern) => join(folder, pattern)));
    return {
      found: found.map((file) => [
        file.path.slice(folder.length + 1),
        'text' in file ? file.text : `FAULT ${file.fault}`,
      ]),
      unmatched: unmatched.map((pattern) => pattern.slice(folder.length + 1)),
    };
  };
  return { folder, path: (name: string) => join(folder, 'migrations.d', name), write, reader, read };
}

describe('the files that a pattern stands for', () => {
  test('are in the order of their names, once each, without hidden ones and the main file', async () => {
    const { read, folder } = await folderWith({ 'b.yaml': 'B', 'a.yaml': 'A', '.c.yaml': 'C', 'd.txt': 'D' });
    await writeFile(join(folder, 'watch.yaml'), 'main');
    const { found, unmatched } = await read(
      'migrations.d/b.yaml',
      'migrations.d/*.yaml',
      '*.yaml',
      'no/*.yaml',
    );
    expect(found).toEqual([
      ['migrations.d/b.yaml', 'B'],
      ['migrations.d/a.yaml', 'A'],
    ]);
    expect(unmatched).toEqual(['*.yaml', 'no/*.yaml']);
  });

  test('are faults where they are no regular files, and no pipe is opened', async () => {
    const { path, read } = await folderWith({});
    await mkdir(path('folder.yaml'));
    await symlink('nowhere', path('link.yaml'));
    execFileSync('mkfifo', [path('pipe.yaml')]);
    await symlink('/dev/zero', path('zero.yaml'));
    expect((await read()).found).toEqual([
      ['migrations.d/folder.yaml', expect.stringMatching(/^FAULT this is a directory/)],
      [
        'migrations.d/link.yaml',
        expect.stringMatching(/^FAULT this is a symbolic link to a file that does not/),
      ],
      ['migrations.d/pipe.yaml', expect.stringMatching(/^FAULT this is a pipe or a device/)],
      ['migrations.d/zero.yaml', expect.stringMatching(/^FAULT this is a pipe or a device/)],
    ]);
  });

  test('are refused where they are longer than the file itself may be', async () => {
    const { read } = await folderWith({ 'a.yaml': ' '.repeat(16 * 1024 * 1024 + 1) });
    expect((await read()).found[0]?.[1]).toMatch(/^FAULT the file has more than 16 MiB/);
  });

  test.skipIf(process.getuid?.() === 0)(
    'are not taken for none where their folder may not be read',
    async () => {
      const { folder, read } = await folderWith({ 'a.yaml': 'A' });
      await chmod(join(folder, 'migrations.d'), 0);
      onTestFinished(() => chmod(join(folder, 'migrations.d'), 0o700));
      await expect(read()).rejects.toThrow(/cannot be read \(EACCES\)/);
    },
  );
});

describe('a change of the files', () => {
  test.each<{ rule: string; change: (folder: Awaited<ReturnType<typeof folderWith>>) => Promise<unknown> }>([
    { rule: 'is another text', change: ({ write }) => write('a.yaml', 'longer') },
    {
      rule: 'is another text of the same length, just after it was read',
      change: ({ write }) => write('a.yaml', 'Z'),
    },
    { rule: 'is a file more', change: ({ write }) => write('c.yaml', '') },
    { rule: 'is a file less', change: ({ path }) => rm(path('b.yaml')) },
    { rule: 'is another name', change: ({ path }) => rename(path('b.yaml'), path('c.yaml')) },
    {
      rule: 'is another folder behind the link, as Kubernetes swaps it',
      change: async ({ path }) => {
        await symlink('..2', path('..next'));
        await rename(path('..next'), path('..data'));
      },
    },
  ])('$rule', async ({ change }) => {
    const it = await folderWith({ 'a.yaml': 'A', 'b.yaml': 'B' });
    for (const name of ['1', '2']) {
      await mkdir(it.path(`..${name}`));
      await it.write(`..${name}/m.yaml`, name);
    }
    await symlink('..1', it.path('..data'));
    await symlink('..data/m.yaml', it.path('m.yaml'));
    const old = new Date(Date.now() - 60_000);
    await utimes(it.path('b.yaml'), old, old);
    await it.read();
    expect(await it.reader.fingerprint()).toBe(it.reader.loaded);
    await change(it);
    const changed = await it.reader.fingerprint();
    expect(changed).not.toBe(it.reader.loaded);
    await it.read();
    expect(it.reader.loaded).toBe(changed);
  });

  test('is none where only the times differ', async () => {
    const { path, read, reader } = await folderWith({ 'a.yaml': 'A' });
    await read();
    const old = new Date(0);
    await utimes(path('a.yaml'), old, old);
    expect(await reader.fingerprint()).toBe(reader.loaded);
  });

  test('is a fault, and its end', async () => {
    const { path, read, reader } = await folderWith({ 'a.yaml': 'A' });
    await symlink('nowhere', path('b.yaml'));
    await read();
    expect(await reader.fingerprint()).toBe(reader.loaded);
    await writeFile(path('nowhere'), 'B');
    expect(await reader.fingerprint()).not.toBe(reader.loaded);
  });
});
