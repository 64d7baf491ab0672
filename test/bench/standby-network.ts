import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../free-port.ts';

/** A network namespace in which one watcher runs, with one link to that of the trial. */
export interface TrialNetwork {
  /** The address of the trial, as seen from there. */
  readonly address: string;
  /** What runs a program there: the first words of its command. */
  readonly within: readonly string[];
  /** Passes connections to a port of the loopback there on to a port of the trial; resolves to the former. */
  forward(to: number): Promise<number>;
  /** Takes the link down: packets vanish in both directions. */
  cut(): void;
  restore(): void;
  close(): void;
}

const ipPath = '/usr/sbin/ip';
const variable = 'CUTOVER_WATCH_TRIAL_NAMESPACE';

/** Whether this program has a network of its own, in which it may do anything. */
export const isApart = process.env[variable] === '1';

/** Runs this program again in a network of its own, with a loopback alone; returns its exit code. Needs root. */
export function runApart(): number {
  const prepare = 'ip link set lo up && mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec "$@"';
  const own = [process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', ['--net', '--mount', 'sh', '-c', prepare, 'sh', ...own], {
    stdio: 'inherit',
    env: { ...process.env, [variable]: '1' },
  });
  return status ?? 1;
}

/** Makes a namespace with a link. Its number makes its addresses. */
export function openNetwork(name: string, number: number): TrialNetwork {
  const address = `10.77.${number}.1`;
  const link = `trial-${name}`;
  const ip = (...args: string[]): void => void execFileSync(ipPath, args, { stdio: 'ignore' });
  ip('netns', 'add', name);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'trial', 'netns', name);
  ip('addr', 'add', `${address}/24`, 'dev', link);
  ip('link', 'set', link, 'up');
  for (const each of [
    ['addr', 'add', `10.77.${number}.2/24`, 'dev', 'trial'],
    ['link', 'set', 'trial', 'up'],
    ['link', 'set', 'lo', 'up'],
  ])
    ip('-n', name, ...each);
  const within = [ipPath, 'netns', 'exec', name];
  const forwarders: ReturnType<typeof spawn>[] = [];
  return {
    address,
    within,
    async forward(to) {
      const port = await freePort();
      const script = new URL('./standby-forwarder.ts', import.meta.url).pathname;
      const [command = '', ...rest] = within;
      const args = [...rest, process.execPath, script, String(port), address, String(to)];
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      forwarders.push(child);
      if (child.stdout !== null) await once(child.stdout, 'data');
      return port;
    },
    cut: () => ip('link', 'set', link, 'down'),
    restore() {
      ip('link', 'set', link, 'up');
    },
    close() {
      for (const child of forwarders) child.kill('SIGKILL');
      ip('netns', 'del', name);
    },
  };
}
