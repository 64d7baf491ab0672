import { readFileSync } from 'node:fs';

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

/** Returns the memory of a process in MB: what it holds now, and the most it ever held. */
export function memoryMb(pid: number): { readonly resident: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { resident: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
