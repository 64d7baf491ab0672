import type { MigrationState } from '../state/migration-state.ts';
import { isSettled, type WatchedMigration } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import { standingOf } from './others.ts';
import type { Others } from './outage.ts';
import { isRefused } from './refusals.ts';

/** One of those counted: how it stands, and what else of it matters to others. */
interface Part {
  readonly standing: ReturnType<typeof standingOf>;
  /** When it was last observed, in ms since 1970. */
  readonly readAt: number;
  readonly tells: boolean;
  readonly groupId: string;
  readonly refused: boolean;
}

/** How many there are, and of how many the credentials were refused. */
interface Refusals {
  readonly open: number;
  readonly refused: number;
}

interface Newest {
  readonly watch: WatchedMigration;
  readonly readAt: number;
}

/**
 * How all that is watched stands, counted: a poll that fails asks for the others, and must not look at ten thousand of
 * them. `othersTogether` says the same of a few.
 */
export class Standings {
  readonly #ledger: Pick<Ledger, 'state' | 'lookedUp'>;
  #watches: ReadonlySet<WatchedMigration> = new Set();
  #lookedUp = 0;
  /** Of those that are not settled. */
  readonly #parts = new Map<WatchedMigration, Part>();
  readonly #counts = { read: 0, failed: 0, unheard: 0 };
  #telling = 0;
  #refused = 0;
  /** How many of each project are refused. */
  readonly #byProject = new Map<string, Refusals>();
  /** Who was read last; undefined when that is to be looked for. */
  #newest: Newest | undefined;

  constructor(ledger: Pick<Ledger, 'state' | 'lookedUp'>) {
    this.#ledger = ledger;
  }

  /** These are watched from now on, and no others. */
  count(watches: Iterable<WatchedMigration>): void {
    this.#watches = new Set(watches);
    this.#lookedUp = this.#ledger.lookedUp;
    for (const watch of this.#parts.keys()) this.#drop(watch);
    for (const watch of this.#watches) this.update(watch);
  }

  has(watch: WatchedMigration): boolean {
    return this.#watches.has(watch);
  }

  /** How many are not settled. */
  get open(): number {
    this.#catchUp();
    return this.#parts.size;
  }

  /** Takes note of how one is now. */
  update(watch: WatchedMigration): void {
    this.#drop(watch);
    const state = this.#ledger.state(watch.target);
    if (isSettled(watch, state)) return;
    const part = partOf(watch, state);
    this.#parts.set(watch, part);
    this.#add(part, 1);
    const { standing, readAt } = part;
    // One that was read just now is nearly always the newest; where nobody is known, it need not be.
    const isNewest = this.#newest === undefined ? this.#counts.read === 1 : readAt >= this.#newest.readAt;
    if (standing === 'read' && isNewest) this.#newest = { watch, readAt };
  }

  /**
   * Returns how all others are, for one whose outage, if any, began at `since` (ms since 1970). Where some of them have
   * been read since then, those who were read before count among them.
   */
  others(watch: WatchedMigration, since: number): Others {
    this.#catchUp();
    const own = this.#parts.get(watch);
    const not = (standing: Part['standing']): number => (own?.standing === standing ? 1 : 0);
    const read = this.#counts.read - not('read');
    const unheard = this.#counts.unheard - not('unheard');
    const known = read > 0 && this.#newestReadAt(watch) >= since;
    return {
      read: known ? read : 0,
      failed: this.#counts.failed - not('failed'),
      unheard: known ? unheard : unheard + read,
      told: this.#telling > (own?.tells === true ? 1 : 0),
    };
  }

  /**
   * Returns whether a refusal of this one may speak for others: the credentials were refused for all, or for all of its
   * project. `refusedTogether` says for whom.
   */
  isRefusedTogether({ target }: WatchedMigration): boolean {
    this.#catchUp();
    const project = this.#byProject.get(target.groupId);
    const all = { open: this.#parts.size, refused: this.#refused };
    return [project, all].some((some) => some !== undefined && some.open > 1 && some.refused === some.open);
  }

  #newestReadAt(except: WatchedMigration): number {
    if (this.#newest !== undefined && this.#newest.watch !== except) return this.#newest.readAt;
    let newest: Newest | undefined;
    for (const [watch, { standing, readAt }] of this.#parts)
      if (standing === 'read' && watch !== except && readAt >= (newest?.readAt ?? readAt))
        newest = { watch, readAt };
    if (this.#parts.get(except)?.standing !== 'read') this.#newest = newest;
    return newest?.readAt ?? Number.NEGATIVE_INFINITY;
  }

  /** What the store holds may become known late. */
  #catchUp(): void {
    if (this.#lookedUp !== this.#ledger.lookedUp) this.count(this.#watches);
  }

  #drop(watch: WatchedMigration): void {
    const part = this.#parts.get(watch);
    if (part === undefined) return;
    this.#parts.delete(watch);
    this.#add(part, -1);
    if (this.#newest?.watch === watch) this.#newest = undefined;
  }

  #add({ standing, tells, groupId, refused }: Part, by: 1 | -1): void {
    if (standing !== undefined) this.#counts[standing] += by;
    if (tells) this.#telling += by;
    const refusal = refused ? by : 0;
    this.#refused += refusal;
    const project = this.#byProject.get(groupId) ?? { open: 0, refused: 0 };
    if (project.open + by === 0) this.#byProject.delete(groupId);
    else this.#byProject.set(groupId, { open: project.open + by, refused: project.refused + refusal });
  }
}

function partOf({ latest, target }: WatchedMigration, state: MigrationState | undefined): Part {
  return {
    standing: standingOf({ latest, state }),
    readAt: state?.observation?.observedAt ?? 0,
    tells: state?.outage?.told === 'for all',
    groupId: target.groupId,
    refused: isRefused({ latest }),
  };
}
