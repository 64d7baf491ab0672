import type { EventRecord } from '../../src/events/event-record.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import type { ConfiguredCutover, OperatorRequest } from '../../src/state/operator-word.ts';
import { readRequest, readState } from '../../src/state/record-schema.ts';
import { applyClock, applyPoll } from '../../src/watch/migration/apply-poll.ts';
import type { Cadence } from '../../src/watch/migration/cadence.ts';
import { type LagSamples, noSamples } from '../../src/watch/migration/lag-samples.ts';
import { takeRequest } from '../../src/watch/migration/operator-request.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import type { WatchPolicy } from '../../src/watch/policy.ts';
import type { Wish } from '../state/store-with-requests.ts';
import { hour, minute, type Outcome, orders, policy, resultOf, start } from './sample-migrations.ts';

/** One migration through polls, requests, restarts and reloads, as the watcher takes them; on a clock of its own. */
export class WordedLife {
  now = start;
  readonly events: EventRecord[] = [];
  state: MigrationState | undefined;
  readonly #policy: WatchPolicy;
  readonly #everyMs: number;
  #target: Target = orders;
  #samples: LagSamples = noSamples;
  #cadence: Cadence = 'default';
  #resumed = false;
  #requests = 0;

  constructor(rules: WatchPolicy = policy, everyMs = minute) {
    this.#policy = rules;
    this.#everyMs = everyMs;
  }

  /** Lets time go by, in ms, and polls at its end. Returns the events of the poll. */
  poll(outcome: Outcome, afterMs = this.#everyMs): readonly EventRecord[] {
    this.now += afterMs;
    const before = { ...this.#context, startedAt: this.now, resumed: this.#resumed, isNotFoundShared: false };
    const after = applyPoll({ ...before, cadence: this.#cadence }, resultOf(outcome), this.#policy);
    if (typeof outcome !== 'string') this.#resumed = false;
    this.#samples = after.samples;
    this.#cadence = after.cadence;
    return this.#keep(after);
  }

  /** Polls as often as it is due in a length of time, in ms. Returns the events. */
  pollFor(ms: number, outcome: Outcome): readonly EventRecord[] {
    const events: EventRecord[] = [];
    for (const until = this.now + ms; this.now < until; ) events.push(...this.poll(outcome));
    return events;
  }

  /** Has a command taken up at once that was given `agoMs` before. Returns the events. */
  ask(wish: Wish, agoMs = 0): readonly EventRecord[] {
    this.#requests += 1;
    const { groupId, liveMigrationId, name: migration } = this.#target;
    const head = { id: `request ${this.#requests}`, migration, groupId, liveMigrationId };
    const request = { ...head, requestedAt: this.now - agoMs, author: 'anna', ...wish };
    return this.take(readRequest(JSON.stringify(request)) as OperatorRequest);
  }

  take(request: OperatorRequest): readonly EventRecord[] {
    const { state, drafts } = takeRequest(request, this.state, this.now, this.#policy);
    return this.#keep(applyClock({ ...this.#context, drafts }, state, this.#policy));
  }

  /** Lets the clock make due what it does, without a poll. */
  tick(): readonly EventRecord[] {
    if (this.state === undefined) return [];
    return this.#keep(applyClock(this.#context, this.state, this.#policy));
  }

  /** What is stored is read again. */
  restart(): void {
    this.state = this.state && readState(JSON.stringify(this.state));
    this.#resumed = this.state?.observation !== undefined;
  }

  reload(cutover: ConfiguredCutover | undefined): readonly EventRecord[] {
    this.#target = { ...orders, cutover };
    return this.tick();
  }

  get #context() {
    return {
      target: this.#target,
      now: this.now,
      intervalMs: this.#everyMs,
      samples: this.#samples,
      state: this.state,
    };
  }

  #keep({
    state,
    events,
  }: {
    readonly state: MigrationState;
    readonly events: readonly EventRecord[];
  }): readonly EventRecord[] {
    this.state = state;
    this.events.push(...events);
    return events;
  }
}

export const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 5 };
export const copying = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 500 };

/** A migration that became ready at `start`, so many hours later. */
export function readyFor(hours: number): WordedLife {
  const life = new WordedLife();
  life.poll(copying, 0);
  life.now = start;
  life.poll(ready, 0);
  life.now = start + hours * hour;
  life.poll(ready, 0);
  life.events.length = 0;
  return life;
}

/** Events with what tells them apart. */
export function shown(events: readonly EventRecord[]): string[] {
  return events.map(({ event, threshold, reason, cause }) => {
    const detail = [threshold, reason, cause].find((part) => typeof part === 'string');
    return `${event.replace('migration.', '')}${detail === undefined ? '' : ` ${detail}`}`;
  });
}
