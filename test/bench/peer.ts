import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { benchKey } from './bench-fleet.ts';
import { cpuMs } from './process-usage.ts';

/** CPU time so far in ms: user and system, with that of children that have ended. */
type Used = number;

/** What else people poll Atlas with, in a process of its own. */
export interface Peer {
  /** Does what the polls need beforehand, where there is such a thing. */
  prepare(polls: number): Promise<Used>;
  /** Polls so many times, one after the other. */
  poll(polls: number): Promise<Used>;
  stop(): Promise<void>;
}

const peers = new URL('./peers/', import.meta.url);

/** Returns which of these programs are not on this machine. */
export function missingPrograms(names: readonly string[]): string[] {
  return names.filter((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
}

/** Installs the packages that are compared with, as their lock file says, where they are not yet. */
export function installPeers(): void {
  if (existsSync(new URL('./node_modules', peers))) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: peers,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Starts a script beside this file; one of a shell is run by it. */
export function startPeer(script: string, args: readonly string[]): Peer {
  const path = new URL(script, import.meta.url).pathname;
  const [command, ...before] = script.endsWith('.sh') ? [path] : [process.execPath, path];
  const child = spawn(command ?? path, [...before, ...args], {
    env: { PATH: process.env.PATH, BENCH_KEY: `${benchKey.publicKey}:${benchKey.privateKey}` },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ask = asking(child, script);
  return {
    prepare: (polls) => ask(`prepare ${polls}\n`),
    poll: (polls) => ask(`poll ${polls}\n`),
    async stop() {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}

function asking({ stdin, stdout, pid }: ChildProcess, name: string): (question: string) => Promise<Used> {
  if (stdin === null || stdout === null || pid === undefined) throw new Error(`${name} did not start`);
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return async (question) => {
    stdin.write(question);
    const { done, value } = await answers.next();
    if (done === true) throw new Error(`${name} ended before it had polled`);
    const [, used] = value.split(' ');
    return used === undefined ? cpuMs(pid) : Number(used);
  };
}
