import type { Retirement } from '../atlas/client.ts';
import type { EventFields, EventName } from '../events/catalogue.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { Cadence } from './cadence.ts';
import { countStatuses, heartbeat, type RunCounts } from './heartbeat.ts';

type States = readonly (MigrationState | undefined)[];

/** Says what concerns the watcher itself, and what is to be said once only once. */
export class Announcements {
  readonly #emit: Emit;
  readonly #now: () => number;
  readonly #overrunning = { default: false, approaching: false };
  #retirementSaid = false;
  #settledSaid = false;

  /** `now` in ms since 1970. */
  constructor(emit: Emit, now: () => number) {
    this.#emit = emit;
    this.#now = now;
  }

  beat(states: States, run: RunCounts): void {
    this.#say('watcher.heartbeat', heartbeat(states, run, this.#now()));
  }

  /** Says so when a tick finds the round before still running, once until one does not. */
  overrun(cadence: Cadence, late: boolean, counts: EventFields['watcher.overrun']): void {
    if (late && !this.#overrunning[cadence]) this.#say('watcher.overrun', counts);
    this.#overrunning[cadence] = late;
  }

  retirement(retirement: Retirement | undefined): void {
    if (retirement === undefined || this.#retirementSaid) return;
    this.#retirementSaid = true;
    this.#say('watcher.api_deprecated', { ...retirement });
  }

  /** Says that all are settled, and returns whether it did: once until some are not. */
  settled(states: States): boolean {
    if (this.#settledSaid) return false;
    this.#settledSaid = true;
    this.#say('watcher.settled', { migrations: states.length, statuses: countStatuses(states) });
    return true;
  }

  unsettled(): void {
    this.#settledSaid = false;
  }

  #say<Name extends EventName>(name: Name, fields: EventFields[Name]): void {
    this.#emit(buildEvent(name, fields, this.#now()));
  }
}
