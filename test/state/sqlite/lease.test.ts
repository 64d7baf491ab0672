import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { StateError } from '../../../src/state/store.ts';
import { readHistory } from '../read-record.ts';
import { commitEvents, eventOf } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const store = new URL('../../../src/state/sqlite/store.ts', import.meta.url).href;

/** Runs a script that opens the state file in another process; resolves to its first output. */
async function otherProcess(path: string, script: string) {
  const source = `import { openStore } from ${JSON.stringify(store)}; const path = ${JSON.stringify(path)}; ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, output: output.toString().trim() };
}

const hold = "globalThis.held = openStore(path); console.log('held'); setInterval(() => {}, 1000);";
const tryOnce =
  "try { openStore(path); console.log('opened'); } catch (error) { console.log(error.message); }";

const refusalOf = (path: string): string =>
  `${path}: another watcher is using this state file. Stop it first, or set state.path to another file for this one.`;

describe('a state file in use', () => {
  it('is refused to a second watcher in the same process', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const first = openStore(path);
    expect(() => openStore(path)).toThrow(StateError);
    expect(() => openStore(path)).toThrow(refusalOf(path));
    expect(await commitEvents(first, eventOf('a'))).toHaveLength(1);
    await first.close();
    await openStore(path).close();
  });

  it('is refused to another process, until it is closed', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const first = openStore(path);
    expect((await otherProcess(path, tryOnce)).output).toBe(refusalOf(path));
    await first.close();
    expect((await otherProcess(path, tryOnce)).output).toBe('opened');
  });

  it('held by another process is refused here, can be read, and is free when that process was killed', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const { child, output } = await otherProcess(path, hold);
    expect(output).toBe('held');
    expect(() => openStore(path)).toThrow(refusalOf(path));
    expect(await readHistory(path)).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const next = openStore(path);
    expect(await commitEvents(next, eventOf('a'))).toHaveLength(1);
    await next.close();
  });
});
