import type { AtlasClient, PollControl, PollResult } from '../../src/atlas/client.ts';
import type { MigrationId } from '../../src/atlas/migration-resource.ts';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import { type Outcome, resultOf } from './sample-migrations.ts';

/** A poll that began. One without an outcome is under way until the test answers it or the watcher aborts it. */
export interface Call {
  readonly id: MigrationId;
  /** When it began, of the monotonic clock in ms. */
  readonly at: number;
  answer(outcome: Outcome, deprecation?: PollResult['deprecation']): void;
}

/** A client of Atlas that answers as the test says. */
export class ScriptedAtlas implements AtlasClient {
  readonly calls: Call[] = [];
  /** The most polls of one migration that were under way at once. */
  mostOfOne = 0;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #underWay = new Map<string, number>();
  #outcomeOfAll: Outcome | undefined;

  /** Answers polls of all migrations like this from now on; without an outcome they stay under way. */
  answerAll(outcome: Outcome | undefined): this {
    this.#outcomes.clear();
    this.#outcomeOfAll = outcome;
    return this;
  }

  /** Answers polls of these migrations like this from now on. */
  answer(targets: readonly MigrationId[], outcome: Outcome): this {
    for (const target of targets) this.#outcomes.set(keyOf(target), outcome);
    return this;
  }

  callsOf(target: MigrationId): readonly Call[] {
    return this.calls.filter(({ id }) => keyOf(id) === keyOf(target));
  }

  async readMigration(id: MigrationId, _request: unknown, control: PollControl): Promise<PollResult> {
    const key = keyOf(id);
    const underWay = (this.#underWay.get(key) ?? 0) + 1;
    this.#underWay.set(key, underWay);
    this.mostOfOne = Math.max(this.mostOfOne, underWay);
    const { promise, resolve, reject } = Promise.withResolvers<PollResult>();
    const abort = (): void => reject(control.signal.reason as Error);
    // All polls of a watcher share the signal, so one that is over must not stay on its list.
    control.signal.addEventListener('abort', abort);
    const answer: Call['answer'] = (outcome, deprecation) => {
      const result = resultOf(outcome);
      if (!result.ok) control.onAttemptFailed?.(result.error);
      resolve({ ...result, ...(deprecation && { deprecation }) });
    };
    this.calls.push({ id, at: performance.now(), answer });
    const outcome = this.#outcomes.get(key) ?? this.#outcomeOfAll;
    if (outcome !== undefined) answer(outcome);
    try {
      return await promise;
    } finally {
      control.signal.removeEventListener('abort', abort);
      this.#underWay.set(key, underWay - 1);
    }
  }
}
