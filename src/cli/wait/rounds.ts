import type { PollResult } from '../../atlas/client.ts';
import type { Config } from '../../config/schema.ts';
import { monotonicNow } from '../../daemon/clock.ts';
import { policyOf, schedulesOf } from '../../daemon/plan.ts';
import type { Settings } from '../../daemon/settings.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { startCronSchedule } from '../../watch/cron-schedule.ts';
import type { WatchPolicy } from '../../watch/migration/apply-poll.ts';
import type { Cadence } from '../../watch/migration/cadence.ts';
import type { Target } from '../../watch/migration/target.ts';
import { refusedTogether } from '../../watch/refusals.ts';
import { isFree, pauseAfterRefusal, roundOf, type Turn } from '../../watch/round.ts';
import type { RecordedState } from '../check/recorded-state.ts';
import { openPolling, type Polling } from '../polling.ts';
import { afterPoll, asOther, unread, type Waited } from './waited.ts';

/** Neither waiting nor being polled, nor let alone. */
const free: Pick<Turn, 'pendingSince' | 'notBefore'> = { pendingSince: undefined, notBefore: 0 };

/** Polls migrations on the schedules of the daemon, and keeps what is known of them in memory alone. */
export class WaitRounds {
  readonly #config: Config;
  readonly #policy: WatchPolicy;
  readonly #polling: Polling;
  readonly #waited: Map<Target, Waited>;
  readonly #turns = new Map<Target, typeof free>();
  readonly #onPoll: (events: readonly EventRecord[]) => void;
  #endTicks: readonly (() => void)[] = [];

  /** `recordOf` says what a watcher remembers. `onPoll` is called after every poll, with what has changed. */
  constructor(
    settings: Settings,
    targets: readonly Target[],
    recordOf: RecordedState['of'],
    onPoll: (events: readonly EventRecord[]) => void,
  ) {
    this.#config = settings.config;
    // Deadlines are for the daemon to warn of.
    this.#policy = { ...policyOf(settings.config), warnBeforeMs: [], remindEveryMs: 0 };
    this.#waited = new Map(targets.map((target) => [target, unread(target, recordOf(target))]));
    this.#onPoll = onPoll;
    this.#polling = openPolling(settings, (target, result) => this.#record(target, result));
  }

  /** What is known of each, in their order. */
  get all(): readonly Waited[] {
    return [...this.#waited.values()];
  }

  /** Begins; the promise resolves when each has been polled once. */
  start(): Promise<void> {
    const { standard, approaching, timezone } = schedulesOf(this.#config);
    const clocks = { now: Date.now, monotonic: monotonicNow };
    const tick = ({ cron, intervalMs }: typeof standard, cadence: Cadence) =>
      startCronSchedule(cron, timezone, () => void this.#round(cadence, intervalMs), clocks);
    this.#endTicks = [tick(standard, 'default'), tick(approaching, 'approaching')];
    return this.#round('default', standard.intervalMs);
  }

  /** Ends at once: polls under way are cut off. */
  async close(): Promise<void> {
    for (const end of this.#endTicks) end();
    await this.#polling.close();
  }

  async #round(cadence: Cadence, intervalMs: number): Promise<void> {
    const now = monotonicNow();
    const polls = roundOf(this.#open, cadence, now, intervalMs).map(([{ target, notBefore }, at]) => {
      this.#turns.set(target, { pendingSince: now, notBefore });
      return this.#polling.queue.add(target, at);
    });
    this.#polling.queue.pump();
    await Promise.all(polls);
  }

  /** What is to be polled still. */
  get #open(): readonly (Waited & Turn)[] {
    return this.all
      .filter(({ state }) => state?.settlement === undefined)
      .map((waited) => ({ ...waited, ...asOther(waited), ...(this.#turns.get(waited.target) ?? free) }));
  }

  #record(target: Target, result: PollResult): void {
    const now = monotonicNow();
    const refused = !result.ok && result.error.kind === 'unauthorized';
    const notBefore = refused ? pauseAfterRefusal(now) : 0;
    const former = this.#sharing(target);
    this.#turns.set(target, { ...free, notBefore });
    this.#learn(target, result);
    if (refused)
      for (const other of this.#sharing(target).filter((one) => isFree(one, now))) {
        this.#turns.set(other.target, { ...free, notBefore });
        this.#learn(other.target, result);
      }
    else if (result.ok)
      for (const { target: other, pendingSince } of former)
        this.#turns.set(other, { pendingSince, notBefore: 0 });
  }

  /** The others whose credentials were refused together with those of this one. */
  #sharing(target: Target): readonly (Waited & Turn)[] {
    const open = this.#open;
    const one = open.find((each) => each.target === target);
    return one === undefined ? [] : refusedTogether(open, one);
  }

  #learn(target: Target, result: PollResult): void {
    const former = this.#waited.get(target) ?? unread(target);
    const others = this.all.filter((other) => other !== former);
    const step = afterPoll(former, result, Date.now(), this.#policy, others);
    this.#waited.set(target, step.waited);
    this.#onPoll(step.events);
  }
}
