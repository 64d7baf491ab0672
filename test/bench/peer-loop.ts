import { createInterface } from 'node:readline';

/**
 * Answers the bench: for every line `prepare N` or `poll N` it does so, one poll after the other, and says `done` and
 * how much CPU time it has used so far, in ms.
 */
export async function answerBench(
  poll: () => Promise<void>,
  prepare: (count: number) => Promise<void> = async () => {},
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [what, count = '0'] = line.split(' ');
    if (what === 'prepare') await prepare(Number(count));
    else for (let done = 0; done < Number(count); done += 1) await poll();
    const { user, system } = process.cpuUsage();
    process.stdout.write(`done ${(user + system) / 1_000}\n`);
  }
}
