import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readAddressFile, writeAddressFile } from '../../src/daemon/address-file.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';

const address = { host: '127.0.0.1', port: 9464 };
const config = '/etc/cutover-watch.yaml';

function stateIn(folder: string): string {
  const path = join(folder, 'state.db');
  writeFileSync(path, '');
  return path;
}

it('is found by the configuration that it was written for, until the daemon removes it', async () => {
  const folder = temporaryDirectory();
  const state = stateIn(folder);
  writeAddressFile(state, config, 'http://127.0.0.1:9464');
  expect(readAddressFile(state, config)).toEqual(address);
  expect(readAddressFile(state, '/etc/other.yaml')).toBeUndefined();
  writeAddressFile(state, config, undefined);
  expect(readAddressFile(state, config)).toBeUndefined();
  expect(readdirSync(folder)).toEqual(['state.db']);
});

it('replaces a link, and leaves alone what the link leads to', async () => {
  const folder = temporaryDirectory();
  const state = stateIn(folder);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, `${state}.address`);
  expect(readAddressFile(state, config)).toBeUndefined();
  writeAddressFile(state, config, 'http://127.0.0.1:9464');
  expect(readAddressFile(state, config)).toEqual(address);
  symlinkSync(victim, join(folder, 'other.db.address'));
  writeAddressFile(join(folder, 'other.db'), config, undefined);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

it('waits for no pipe, when it is written and when it is read', async () => {
  const state = stateIn(temporaryDirectory());
  execFileSync('mkfifo', [`${state}.address`]);
  expect(readAddressFile(state, config)).toBeUndefined();
  writeAddressFile(state, config, 'http://127.0.0.1:9464');
  expect(readAddressFile(state, config)).toEqual(address);
});

it('leaves nothing behind where it cannot be written', () => {
  const folder = temporaryDirectory();
  const state = stateIn(folder);
  mkdirSync(join(`${state}.address`, 'full'), { recursive: true });
  writeAddressFile(state, config, 'http://127.0.0.1:9464');
  expect(readdirSync(folder).toSorted()).toEqual(['state.db', 'state.db.address']);
});

it.each(['', 'null', '[]', '{"config":"/etc/cutover-watch.yaml","httpAddress":7}', 'x'.repeat(10_000)])(
  'is unknown where the file holds something else: %.20s',
  async (text) => {
    const state = stateIn(temporaryDirectory());
    writeFileSync(`${state}.address`, text);
    expect(readAddressFile(state, config)).toBeUndefined();
  },
);
