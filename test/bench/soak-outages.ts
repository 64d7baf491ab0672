const mostProblems = 20;

/** Knows from what is told which outages people take to last, and from what polls read which of them do. */
export class SoakOutages {
  /** Migrations that people know to be unreachable. */
  readonly #open = new Set<string>();
  /** Those whose latest poll failed. */
  readonly #failing = new Set<string>();
  begun = 0;
  ended = 0;
  readonly problems: string[] = [];

  /** How many people still know of. */
  get open(): number {
    return this.#open.size;
  }

  /** Takes note of how a poll of a migration ended. */
  polled(id: string, wasRead: boolean): void {
    if (wasRead) this.#failing.delete(id);
    else this.#failing.add(id);
  }

  /** Takes note of an event about a migration. One that speaks of an outage again speaks of the same one. */
  told(id: string, event: string): void {
    if (event === 'watcher.unreachable' && !this.#open.has(id)) {
      this.begun += 1;
      this.#open.add(id);
    }
    if (event === 'watcher.recovered') {
      this.ended += 1;
      if (!this.#open.delete(id)) this.#problem(`${id}: told recovered without having been unreachable`);
    }
    // What is gone for good is an answer as well.
    if (event === 'migration.disappeared') this.#failing.delete(id);
  }

  /** Checks, while nothing is still to be told, that whoever is answered again is known to be back. */
  checkQuiet(): void {
    for (const id of this.#open)
      if (!this.#failing.has(id)) {
        this.#problem(`${id}: answered again, but never told recovered`);
        this.#open.delete(id);
      }
  }

  #problem(text: string): void {
    if (this.problems.length < mostProblems) this.problems.push(text);
  }
}
