import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AtlasOrder, FleetCounts } from './bench-atlas.ts';
import type { Fleet } from './bench-fleet.ts';
import type { Readiness } from './readiness.ts';

/** The simulated Atlas in its own process. */
export interface AtlasProcess {
  readonly baseUrl: string;
  counts(fleet: Fleet): Promise<FleetCounts>;
  /** Returns the number of the migration and the time in ms since 1970 of each admitted request since the last time. */
  arrivals(fleet: Fleet): Promise<readonly (readonly [number: number, at: number])[]>;
  /** Returns when its first request since the last time came, in ms since 1970; undefined when none has. */
  firstRequestAt(fleet: Fleet): Promise<number | undefined>;
  turnReady(fleet: Fleet, readiness: Readiness): Promise<void>;
  /** Answers every poll of the fleet with HTTP 500 from now on, or none any more. */
  fail(fleet: Fleet, lasts: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Starts it, holding back every reply for `replyDelayMs`. */
export async function startAtlas(fleets: readonly Fleet[], replyDelayMs: number): Promise<AtlasProcess> {
  const child = fork(new URL('./bench-atlas.ts', import.meta.url), [
    JSON.stringify({ fleets, replyDelayMs }),
  ]);
  const ended = once(child, 'exit');
  const [{ port }] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => {
      throw new Error('the simulator did not start');
    }),
  ])) as [{ port: number }];

  /** Orders are answered one at a time, in their order. */
  let latest: Promise<unknown> = Promise.resolve();
  const order = <Answer>(what: AtlasOrder): Promise<Answer> => {
    const answer = latest.then(async () => {
      const message = once(child, 'message');
      child.send(what);
      return (await message)[0] as Answer;
    });
    latest = answer;
    return answer;
  };

  return {
    baseUrl: `http://127.0.0.1:${port}`,
    counts: ({ id }) => order({ kind: 'counts', fleet: id }),
    async arrivals({ id }) {
      const flat = await order<readonly number[]>({ kind: 'arrivals', fleet: id });
      return Array.from({ length: flat.length / 2 }, (_, index) => [
        flat[2 * index] ?? Number.NaN,
        flat[2 * index + 1] ?? Number.NaN,
      ]);
    },
    async firstRequestAt({ id }) {
      const { firstAt } = await order<{ readonly firstAt: number | null }>({ kind: 'first', fleet: id });
      return firstAt ?? undefined;
    },
    turnReady: ({ id }, readiness) => order({ kind: 'readiness', fleet: id, readiness }),
    fail: ({ id }, lasts) => order({ kind: 'outage', fleet: id, lasts }),
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
