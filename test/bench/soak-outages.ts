/** How long polls must have failed, at least twice, until a migration is unreachable, in ms of the accelerated clock. */
export const soakUnreachableAfterMs = 20_000;
/** A migration that has failed for longer than this, and in so many polls, must have been reported. */
const silenceMs = 60_000;
const silentPolls = 5;
const mostProblems = 20;

/** What is known of a migration whose latest poll failed. Moments in ms since 1970. */
interface Failing {
  readonly groupId: string;
  /** Ends of its failed polls in a row that count. */
  readonly since: number;
  readonly failures: number;
  readonly latest: number;
  /** The run of the watcher in which the latest poll was made. */
  readonly run: number;
}

/** The fields of an event of an outage. */
export interface OutageEvent {
  readonly event: 'watcher.unreachable' | 'watcher.recovered';
  readonly scope: string;
  readonly time: string;
  readonly groupId?: string;
  readonly liveMigrationId?: string;
  readonly reminder?: boolean;
}

/**
 * Pairs the openings and closings that are written by their scope, and knows from the ends of polls which migrations
 * must not be without a report: a migration is reported for itself, or an open scope covers it.
 */
export class SoakOutages {
  readonly #open = new Set<string>();
  readonly #failing = new Map<string, Failing>();
  /** When each scope last closed: polls from before do not count. */
  readonly #closedAt = new Map<string, number>();
  #run = 0;
  readonly opened = new Map<string, number>();
  closed = 0;
  readonly problems: string[] = [];

  /** How many are open. */
  get open(): number {
    return this.#open.size;
  }

  /** Takes note of a start of the watcher. */
  started(): void {
    this.#run += 1;
  }

  /** Takes note of the end of a poll of a migration, at `now`. */
  polled(groupId: string, id: string, wasRead: boolean, now: number): void {
    const former = this.#failing.get(id);
    if (wasRead) this.#failing.delete(id);
    else {
      const counts = former !== undefined && former.since >= this.#closedSince(groupId);
      const { since, failures } = counts ? former : { since: now, failures: 0 };
      this.#failing.set(id, { groupId, since, failures: failures + 1, latest: now, run: this.#run });
    }
  }

  /** A migration that disappeared has been answered. */
  disappeared(id: string): void {
    this.#failing.delete(id);
  }

  /** Takes note of an event. */
  written(record: OutageEvent): void {
    const { event, scope, time, reminder } = record;
    const key = keyOf(record);
    const isOpen = this.#open.has(key);
    if (event === 'watcher.recovered') {
      if (!this.#open.delete(key)) this.#problem(`${key}: recovered without having been unreachable`);
      this.closed += 1;
      this.#closedAt.set(key, Date.parse(time));
    } else if (reminder === true) {
      if (!isOpen) this.#problem(`${key}: a reminder of what is not reported`);
    } else {
      if (isOpen) this.#problem(`${key}: reported as unreachable twice`);
      this.#open.add(key);
      this.opened.set(scope, (this.opened.get(scope) ?? 0) + 1);
    }
  }

  /** Checks, while nothing is still to be written, that nothing is reported wrongly or not at all. */
  checkQuiet(): void {
    for (const key of this.#open)
      if (key.startsWith('migration:') && !this.#failing.has(key.slice('migration:'.length))) {
        this.#problem(`${key}: answered again, but not recovered`);
        this.#open.delete(key);
      }
    for (const [id, { groupId, since, failures, latest, run }] of this.#failing) {
      const isLong = failures >= silentPolls && latest - since >= silenceMs;
      if (!isLong || run !== this.#run || since < this.#closedSince(groupId)) continue;
      if (!['account', `project:${groupId}`, `migration:${id}`].some((key) => this.#open.has(key)))
        this.#problem(`${id}: ${failures} polls failed within ${latest - since} ms, and nothing is reported`);
    }
  }

  #closedSince(groupId: string): number {
    return Math.max(...['account', `project:${groupId}`].map((key) => this.#closedAt.get(key) ?? 0));
  }

  #problem(text: string): void {
    if (this.problems.length < mostProblems) this.problems.push(text);
  }
}

function keyOf({ scope, groupId, liveMigrationId }: OutageEvent): string {
  switch (scope) {
    case 'migration':
      return `migration:${liveMigrationId}`;
    case 'project':
      return `project:${groupId}`;
    default:
      return scope;
  }
}
