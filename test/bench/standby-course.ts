import type { MigrationBody } from '../../src/simulator/scripts.ts';
import type { Random } from './random.ts';

/** Who asks Atlas: one of the two that share a database, or the single watcher that nothing happens to. */
export type Asker = 'a' | 'b' | 'single';

/** A request that Atlas has answered. */
export interface Poll {
  /** In ms since 1970. */
  readonly at: number;
  readonly asker: Asker;
  readonly number: number;
  readonly status: string;
}

interface Present {
  step: number;
  /** When the single watcher, and one of the two, has said so first. */
  reportedBySingle: number | undefined;
  reportedByPair: number | undefined;
  restMs: number;
  isAtEnd: boolean;
}

/** How long a migration stays as it is after it was reported, in ms. */
const rest = { from: 200, to: 1_500 } as const;
/** Of so many migrations, one changes with every reply, whether or not it was reported. */
const hastyOneIn = 5;
const endings = ['COMPLETE', 'FAILED', 'EXPIRED', 'WORKING', 'WORKING'] as const;

const groupCount = 4;

/** Returns the ids of a migration. */
export function idsOf(number: number): { readonly groupId: string; readonly liveMigrationId: string } {
  return {
    groupId: `5f7f5f5f5f5f5f5f5f5f5f${(number % groupCount).toString(16).padStart(2, '0')}`,
    liveMigrationId: number.toString(16).padStart(24, '0'),
  };
}

export function nameOf(number: number): string {
  return `m${number}`;
}

/**
 * What Atlas says of some migrations. A patient one keeps its status until the single watcher and one of the two have
 * reported it, on a line or in the log, and then changes soon: no change is too short to be seen, so each one has to be
 * reported. A hasty one changes with every reply to one of the two, so that some changes are served to a watcher that
 * dies before it can say so.
 */
export class Course {
  readonly polls: Poll[] = [];
  readonly #migrations: Present[];
  readonly #random: Random;
  readonly #hasSingle: boolean;
  #isEnding = false;

  /** `hasSingle`: whether there is a single watcher, which has to report every change too. */
  constructor(count: number, random: Random, hasSingle = true) {
    this.#random = random;
    this.#hasSingle = hasSingle;
    this.#migrations = Array.from({ length: count }, () => ({
      step: 0,
      reportedBySingle: hasSingle ? undefined : 0,
      reportedByPair: undefined,
      restMs: this.#rest(),
      isAtEnd: false,
    }));
  }

  get count(): number {
    return this.#migrations.length;
  }

  /** How many changes patient migrations have made. */
  get changes(): number {
    return this.#migrations.reduce((sum, { step }, number) => sum + (isHasty(number) ? 0 : step), 0);
  }

  stepOf(number: number): number {
    return this.#migrations[number]?.step ?? Number.NaN;
  }

  /** Names of the migrations of which what Atlas says now was not reported by both sides. */
  get unreported(): readonly string[] {
    return this.#migrations.flatMap(({ reportedBySingle, reportedByPair, isAtEnd }, number) =>
      reportedBySingle === undefined || reportedByPair === undefined || isAtEnd !== this.#isEnding
        ? [nameOf(number)]
        : [],
    );
  }

  get isReported(): boolean {
    return this.unreported.length === 0;
  }

  /** Answers a request. */
  serve(asker: Asker, number: number): MigrationBody {
    const present = this.#migrations[number];
    if (present === undefined) throw new RangeError(`There is no migration ${number}.`);
    const now = Date.now();
    const isDue = isHasty(number) ? asker !== 'single' : this.#isRested(present, now);
    if (isDue && !present.isAtEnd) this.#change(present);
    const body = this.#bodyOf(number, present);
    this.polls.push({ at: now, asker, number, status: body.status ?? '' });
    return body;
  }

  /** Takes note of a line that says that a migration has this status. */
  reported(asker: Asker, number: number, status: string): void {
    const present = this.#migrations[number];
    if (present === undefined || this.#bodyOf(number, present).status !== status) return;
    if (asker === 'single') present.reportedBySingle ??= Date.now();
    else present.reportedByPair ??= Date.now();
  }

  /** The next change of each migration is its last. */
  end(): void {
    this.#isEnding = true;
  }

  #isRested({ reportedBySingle, reportedByPair, restMs }: Present, now: number): boolean {
    if (reportedBySingle === undefined || reportedByPair === undefined) return false;
    return now - Math.max(reportedBySingle, reportedByPair) >= restMs;
  }

  #change(present: Present): void {
    present.step += 1;
    present.isAtEnd = this.#isEnding;
    present.reportedBySingle = this.#hasSingle ? undefined : 0;
    present.reportedByPair = undefined;
    present.restMs = this.#rest();
  }

  #bodyOf(number: number, { step, isAtEnd }: Present): MigrationBody {
    const { liveMigrationId } = idsOf(number);
    const status = isAtEnd ? (endings[number % endings.length] ?? 'COMPLETE') : `STEP_${step}`;
    const readyForCutover = isAtEnd ? number % endings.length <= 3 : step % 2 === 1;
    return { _id: liveMigrationId, status, readyForCutover, lagTimeSeconds: 100 + (step % 50) };
  }

  #rest(): number {
    return this.#random.between(rest.from, rest.to);
  }
}

export function isHasty(number: number): boolean {
  return number % hastyOneIn === hastyOneIn - 1;
}
