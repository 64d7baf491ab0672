import { setTimeout as delay } from 'node:timers/promises';

/** What is measured from one tick to another begins and ends so long before it, while nothing is under way. */
const beforeTickMs = 200;

/** Resolves just before the next tick of a schedule of so many seconds, with the time of that tick in ms since 1970. */
export async function untilTick(everySeconds: number): Promise<number> {
  const intervalMs = everySeconds * 1_000;
  const tick = Math.ceil((Date.now() + beforeTickMs + 1) / intervalMs) * intervalMs;
  await delay(tick - beforeTickMs - Date.now());
  return tick;
}
