import type { AtlasClient } from '../../src/atlas/client.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { RateLimiter } from '../../src/watch/schedule/rate-limiter.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { errorOf, minute, type Outcome, policy, start } from './sample-migrations.ts';

/** Half a minute lies between two rounds. */
export const intervalMs = minute / 2;

interface Told {
  readonly migration: string;
  readonly migrations?: number;
}

function isNewOutage(event: string, reminder: unknown): boolean {
  return event === 'watcher.unreachable' && reminder === undefined;
}

/** Several migrations, polled in rounds on a clock of its own, by a watcher that may be started anew. */
export class Fleet {
  readonly events: EventRecord[] = [];
  readonly says = new Map<string, Outcome>();
  /** How often each was asked for. */
  readonly asked = new Map<string, number>();
  readonly #store = openStore(':memory:');
  #clock = start;
  #targets: readonly Target[];
  #ledger: Ledger;
  #watcher: Watcher;

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
    [this.#ledger, this.#watcher] = this.#open();
  }

  get targets(): readonly Target[] {
    return this.#targets;
  }

  state(target: Target): MigrationState | undefined {
    return this.#ledger.state(target);
  }

  /** Lets these, or all, be answered so from now on. */
  say(outcome: Outcome, targets: readonly Target[] = this.#targets): void {
    for (const { name } of targets) this.says.set(name, outcome);
  }

  async rounds(count = 1): Promise<void> {
    for (let round = 0; round < count; round += 1) {
      await Promise.all([this.#watcher.round(0), this.#watcher.round(0, 'approaching')]);
      this.#clock += intervalMs;
    }
  }

  /** Lets this time go by without a poll, in ms. */
  pause(ms: number): void {
    this.#clock += ms;
  }

  /** The former watcher ends first, as one process does before the next. */
  async restart(targets: readonly Target[] = this.#targets): Promise<void> {
    await this.#watcher.stop(0);
    this.#targets = targets;
    [this.#ledger, this.#watcher] = this.#open();
  }

  reload(targets: readonly Target[]): void {
    this.#targets = targets;
    this.#watcher.reconfigure({ targets, policy, concurrency: 1 });
  }

  /** What was told of outages, without reminders, in words such as `down m0 (4)` and `up m0 (4)`. */
  told(): string[] {
    return this.events
      .filter(({ event, reminder }) => event === 'watcher.recovered' || isNewOutage(event, reminder))
      .map((record) => {
        const { event, migration, migrations } = record as EventRecord & Told;
        const all = migrations === undefined ? '' : ` (${migrations})`;
        return `${event === 'watcher.recovered' ? 'up' : 'down'} ${migration}${all}`;
      });
  }

  #open(): [Ledger, Watcher] {
    const emit = (event: EventRecord): boolean => this.events.push(event) > 0;
    const now = (): number => this.#clock;
    const ledger = new Ledger(this.#store, emit, this.#targets, { now });
    const limits = new RateLimiter({
      requestsPerMinute: 1e6,
      maxRetryAfterMs: 0,
      emit,
      now,
      monotonic: now,
    });
    const watcher = new Watcher({
      targets: this.#targets,
      client: this.#client(),
      ledger,
      limits,
      emit,
      policy,
      concurrency: 1,
      now,
      monotonic: now,
      onSettled: () => {},
      onFault: (fault) => {
        throw fault;
      },
    });
    return [ledger, watcher];
  }

  #client(): AtlasClient {
    return {
      readMigration: ({ liveMigrationId }) => {
        const name = this.#targets.find((target) => target.liveMigrationId === liveMigrationId)?.name ?? '';
        this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
        const outcome = this.says.get(name) ?? 'internal';
        return Promise.resolve(
          typeof outcome === 'string'
            ? { ok: false, attempts: 1, error: errorOf(outcome) }
            : { ok: true, attempts: 1, reading: outcome },
        );
      },
    };
  }
}
