import { readdirSync, readFileSync } from 'node:fs';

/** Of the clock in which Linux counts the time of processes ("proc_pid_stat(5)"); 100 Hz on every usual kernel. */
const tickMs = 10;

/** Returns the CPU time in ms that a process has used so far, user and system, with its children that have ended. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).map(Number);
  return ticks.reduce((sum, count) => sum + count, 0) * tickMs;
}

/** Returns the memory of a process in MB: what it holds now, how much of that it has for itself, and the most it ever held. */
export function memoryMb(pid: number): {
  readonly resident: number;
  /** Can be neither shared nor dropped. */
  readonly anonymous: number;
  readonly peak: number;
} {
  const field = fieldOf(`/proc/${pid}/status`);
  const kilobytes = (name: string): number => Number(field(name)?.replace(' kB', '')) / 1024;
  return { resident: kilobytes('VmRSS'), anonymous: kilobytes('RssAnon'), peak: kilobytes('VmHWM') };
}

/** Returns how often the threads of a process have gone to sleep so far, which is how often something woke them. */
export function wakeUps(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const counts = threads.map((thread) =>
    Number(fieldOf(`/proc/${pid}/task/${thread}/status`)('voluntary_ctxt_switches')),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Returns how many bytes of files a process has changed so far, in whole pages. The system writes them later. */
export function writtenBytes(pid: number): number {
  return Number(fieldOf(`/proc/${pid}/io`)('write_bytes'));
}

/** Returns what finds a field in a file with a field on each line. */
function fieldOf(path: string): (name: string) => string | undefined {
  const text = readFileSync(path, 'utf8');
  return (name) => new RegExp(`^${name}:\\s+(.+)$`, 'm').exec(text)?.[1];
}
