import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { digits, print } from './report.ts';
import type { Target } from './targets.ts';

/** The memory that a watcher holds at the end of each day of a simulated week. */
export interface MemoryGrowth {
  readonly migrations: number;
  readonly polls: number;
  readonly heapMb: readonly number[];
  /** What the system counts. */
  readonly residentMb: readonly number[];
}

/** What garbage collection leaves is not the same from one time to the next. */
const most = 1.02;

export async function measureMemoryGrowth(folder: string, migrations: number): Promise<MemoryGrowth> {
  const week = new URL('./week.ts', import.meta.url);
  const child = fork(week, [join(folder, 'week.db'), String(migrations)], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the simulated week ended early');
  });
  const [held] = (await Promise.race([once(child, 'message'), ended])) as [Omit<MemoryGrowth, 'migrations'>];
  ended.catch(() => {});
  return { migrations, ...held };
}

export function printMemoryGrowth({ migrations, polls, heapMb, residentMb }: MemoryGrowth): void {
  const [held, resident] = [heapMb, residentMb].map((days) =>
    days.map((megabytes) => digits(megabytes, 1)).join(', '),
  );
  print(
    `Memory of a watcher of ${migrations} migrations after each day of a simulated week (${polls} polls, no network), in MB: ${held}; as the system counts it: ${resident}.`,
  );
}

export function memoryGrowthTarget({ heapMb }: MemoryGrowth): Target {
  const [first = Number.NaN] = heapMb;
  const value = (heapMb.at(-1) ?? Number.NaN) / first;
  return {
    what: 'memory after a simulated week / after its first day',
    value,
    limit: most,
    is: 'at most',
    unit: 'x',
  };
}
