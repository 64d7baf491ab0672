import type { Ledger } from '../watch/ledger.ts';
import type { StandardOutput } from './output.ts';

const lookEveryMs = 20;

/** Waits until everything is written, the reader of standard output is gone, or the time (in ms) has run out. */
export function drain(
  ledger: Pick<Ledger, 'delivered'>,
  output: Pick<StandardOutput, 'whenClosed'>,
  timeoutMs: number,
): Promise<void> {
  if (ledger.delivered) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(look);
      clearTimeout(timeout);
      resolve();
    };
    const look = setInterval(() => {
      if (ledger.delivered) end();
    }, lookEveryMs);
    const timeout = setTimeout(end, timeoutMs);
    void output.whenClosed.then(end);
  });
}
