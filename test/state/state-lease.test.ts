import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readHistory } from '../../src/state/history.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { StateFileError } from '../../src/state/state-file-error.ts';
import { commit } from './batch.ts';
import { sampleChange } from './sample-change.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const store = new URL('../../src/state/sqlite-store.ts', import.meta.url).href;

/** Runs a script that opens the state file in another process; resolves with what it printed first. */
async function otherProcess(path: string, script: string) {
  const source = `import { openStore } from ${JSON.stringify(store)}; const path = ${JSON.stringify(path)}; ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

const hold = "globalThis.held = openStore(path); console.log('held'); setInterval(() => {}, 1000);";
const tryOnce =
  "try { openStore(path); console.log('opened'); } catch (error) { console.log(error.message); }";

const refusalOf = (path: string): string =>
  `${path}: another watcher is using this state file. Stop it first, or set state.path to another file for this one.`;

describe('a state file in use', () => {
  it('is refused to a second watcher in the same process', () => {
    const path = join(temporaryDirectory(), 'state.db');
    const first = openStore(path);
    expect(() => openStore(path)).toThrow(StateFileError);
    expect(() => openStore(path)).toThrow(refusalOf(path));
    expect(commit(first, sampleChange())).toHaveLength(2);
    first.close();
    openStore(path).close();
  });

  it('is refused to another process, until it is closed', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const first = openStore(path);
    expect((await otherProcess(path, tryOnce)).said).toBe(refusalOf(path));
    first.close();
    expect((await otherProcess(path, tryOnce)).said).toBe('opened');
  });

  it('held by another process is refused here, can be read, and is free when that process was killed', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const { child, said } = await otherProcess(path, hold);
    expect(said).toBe('held');
    expect(() => openStore(path)).toThrow(refusalOf(path));
    expect([...readHistory(path)]).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const next = openStore(path);
    expect(commit(next, sampleChange())).toHaveLength(2);
    next.close();
  });
});
