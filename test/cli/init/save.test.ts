import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { saveFiles } from '../../../src/cli/init/save.ts';
import { temporaryDirectory } from '../../state/temporary-directory.ts';

it('writes a secret for this user alone, in a folder for this user alone, also over an open file', () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'made', 'key');
  const save = (text: string) => saveFiles([{ path, text, isSecret: true, replace: true }]);
  save('one');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o700);
  chmodSync(path, 0o644);
  save('two');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe('two');
});

it('replaces neither a pipe, a socket, a device nor a link to nothing', async () => {
  const folder = temporaryDirectory();
  const at = (name: string) => join(folder, name);
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync('/dev/null', at('device'));
  symlinkSync(at('missing'), at('nothing'));
  const server = createServer().listen(at('socket'));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  for (const name of ['pipe', 'socket', 'device', 'nothing', 'folder/']) {
    const save = () => saveFiles([{ path: at(name), text: 'x', isSecret: false, replace: true }]);
    expect(save).toThrow(/Name (?:another file|a file in it)|name another file/);
  }
  expect(readdirSync(folder).toSorted()).toEqual(['device', 'nothing', 'pipe', 'socket']);
  expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
});

it('writes none of several files when one of them cannot be written', () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'taken'), 'mine');
  mkdirSync(join(folder, 'folder'));
  const good = { path: join(folder, 'good'), text: 'good', isSecret: false, replace: true };
  const bad = [
    { path: join(folder, 'taken'), replace: false, says: 'already exists' },
    { path: join(folder, 'taken', 'below'), replace: true, says: 'a part of its path is a file' },
    { path: join(folder, 'folder'), replace: true, says: 'is a folder. Name a file in it.' },
  ];
  for (const { says, ...rest } of bad) {
    expect(() => saveFiles([good, { ...rest, text: 'bad', isSecret: false }])).toThrow(says);
    expect(readdirSync(folder).toSorted()).toEqual(['folder', 'taken']);
    expect(readFileSync(join(folder, 'taken'), 'utf8')).toBe('mine');
  }
});
