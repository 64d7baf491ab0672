import { keyOf, type MigrationId } from '../atlas/migration-resource.ts';
import { buildEvent, type EventRecord, isDurable } from '../events/event-record.ts';
import { publicRecord } from '../events/public-record.ts';
import type { Redactor } from '../events/redactor.ts';
import { commitDelayMs } from './commit-delay.ts';
import type { MigrationState, ScopeOutage } from './migration-state.ts';
import { oneAtATime, runAfter } from './one-at-a-time.ts';
import { publicState } from './public-state.ts';
import { recoveredFields } from './recovered-fields.ts';
import type { Line, Sink } from './sink.ts';
import { SinkSet } from './sink-set.ts';
import { type CacheLimits, type Change, StateCache } from './state-cache.ts';
import {
  type CommitResult,
  type Cursor,
  FencedError,
  StateError,
  type Store,
  type StoredRequest,
} from './store.ts';

/** Pause between attempts while the store fails: an attempt may be expensive. */
const retryDelayMs = 1_000;

type Mode = 'working' | 'failing' | 'closed' | 'fenced';

const defaults = {
  now: Date.now,
  defer: runAfter,
  onEvents: (): void => {},
  onFenced: (): void => {},
  limits: { events: 10_000, samples: 100_000 },
};

export interface RecorderOptions {
  readonly sinks: readonly Sink[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Runs the work after this delay in ms; with 0, at the end of the turn. */
  readonly defer?: (work: () => void, delayMs: number) => void;
  /** Receives every event once, also those that are not durable; `stored`: the durable ones among them are committed. */
  readonly onEvents?: (records: readonly EventRecord[], stored: boolean) => void;
  /** Secrets are redacted before anything is stored or handed over. */
  readonly redactor: Redactor;
  /** Receives an error that is a bug in this program. */
  readonly onFault: (error: unknown) => void;
  /** Called once, when another watcher has taken over the store. */
  readonly onFenced?: () => void;
  /** Limits of what memory holds while the store fails. Default 10,000 events and 100,000 samples. */
  readonly limits?: CacheLimits;
}

/**
 * Records what polls change. A change is known at once. It is committed in a group with others, at the end of the turn
 * where it has a durable event, and otherwise a little later ({@link commitDelayMs}). One commit is under way at a time;
 * what arrives meanwhile goes into the next one. Lines are handed to the sinks in the order in which they arrived: an
 * event when it is committed, a line that is not durable when the events before it are.
 *
 * - **working**: as above.
 * - **failing**, from the first commit that fails with a StateError: everything stays in memory and is tried again
 *   once a second, whether or not anything is recorded. Events are handed to the sinks at once, as uncommitted ones.
 *   Entered with `watcher.state_unavailable`, left with `watcher.state_recovered` at the first commit that succeeds.
 * - **closed**: nothing is committed any more.
 * - **fenced**: another watcher has taken over, and reports what was not committed: nothing is handed over any more.
 *
 * If the store was replaced, everything known is committed to the new one.
 */
export class Recorder {
  readonly #store: Store;
  readonly #options: Required<RecorderOptions>;
  readonly #cache: StateCache;
  /** Where lines go. */
  readonly sinks: SinkSet;
  /** Lines for the sinks after the next commits; the first one is durable. */
  readonly #lines: EventRecord[] = [];
  /** Delays after which a commit is scheduled. */
  readonly #scheduled = new Set<number>();
  #mode: Mode = 'working';
  #isClosing = false;
  readonly #episode = { since: 0, fileReplaced: false };
  readonly #commit = oneAtATime(() => this.#commitOnce());

  private constructor(
    store: Store,
    options: RecorderOptions,
    outages: readonly ScopeOutage[],
    cursors: readonly Cursor[],
  ) {
    this.#store = store;
    this.#options = { ...defaults, ...options };
    this.#cache = new StateCache(this.#options.limits, outages);
    const { defer, onFault } = this.#options;
    const onCursor = (): void => {
      if (this.#mode === 'working') void this.#commit();
    };
    this.sinks = new SinkSet({ cache: this.#cache, cursors, onCursor, defer, onFault });
  }

  /**
   * Starts the sinks at their stored cursors, and lets them deliver what an earlier run has left. Rejects with a
   * StateError when the store cannot be read.
   */
  static async open(store: Store, options: RecorderOptions): Promise<Recorder> {
    const recorder = new Recorder(store, options, await store.outages(), await store.cursors());
    for (const sink of options.sinks) await recorder.sinks.add(sink);
    return recorder;
  }

  /** Whether the store works. */
  get isStoreAvailable(): boolean {
    return this.#mode === 'working';
  }

  /** Outages of scopes that are not over. */
  get openOutages(): readonly ScopeOutage[] {
    return this.#cache.openOutages;
  }

  /** Whether no line waits for the store or a sink. */
  get delivered(): boolean {
    return this.#lines.length === 0 && this.sinks.delivered;
  }

  /** Returns what is known of a migration. A caller that asks often passes its key. */
  state(migration: MigrationId, key = keyOf(migration)): MigrationState | undefined {
    return this.#cache.state(key);
  }

  /**
   * Loads the states of these migrations that are not known yet, and forgets all other migrations. Rejects with a
   * StateError when the store cannot be read; everything is as before then.
   */
  async track(migrations: readonly MigrationId[]): Promise<void> {
    const unknown = migrations.filter((migration) => this.state(migration) === undefined);
    this.#cache.track(migrations, unknown.length === 0 ? [] : await this.#store.states(unknown));
  }

  /** Resolves to the requests that wait. Rejects with a StateError when the store cannot be read. */
  requests(): Promise<readonly StoredRequest[]> {
    return this.#cache.notTakenUp(this.#store.requests());
  }

  /** Records changes: of a poll, of the clock, of an outage, or of a request. */
  record(change: Change): void {
    const events = change.events.map((record) => publicRecord(record, this.#options.redactor));
    const durable = events.filter(isDurable);
    const former = change.migration && this.state(change.migration);
    this.#cache.learn({ ...change, events: durable });
    if (events.length > 0) this.#addLines(events);
    if (this.#mode !== 'working') return;
    const { waiting } = this.#cache;
    this.#schedule(commitDelayMs(former, change, { waiting, patienceMs: this.#store.patienceMs }));
  }

  /** Hands a line that is not durable to the sinks, behind the events recorded before it; records a durable event. */
  emit(record: EventRecord): void {
    if (isDurable(record)) this.record({ events: [record] });
    else this.#addLines([publicRecord(record, this.#options.redactor)]);
  }

  /** Lets the sinks deliver waiting lines. Call it while a sink refuses lines. */
  deliver(): void {
    this.sinks.deliver();
  }

  /** Commits everything known. Resolves to whether that succeeded. */
  flush(): Promise<boolean> {
    return this.#commit();
  }

  /** Checks that the store still exists, and thins old lag samples. Call it once a second. */
  async maintain(now: number): Promise<void> {
    if (this.#mode !== 'working') return;
    if (!this.#store.isUntouched() && !(await this.flush())) return;
    await this.#store.maintain(now).catch((error: unknown) => this.#fail(error));
  }

  /** Commits everything known, and nothing afterwards. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.flush();
    if (this.#mode !== 'fenced') this.#mode = 'closed';
    this.sinks.close();
  }

  /** Gives up, because another watcher has taken over the store. */
  fence(): void {
    if (this.#mode === 'fenced') return;
    this.#mode = 'fenced';
    this.sinks.close();
    this.#lines.length = 0;
    this.#options.onFenced();
  }

  #addLines(records: readonly EventRecord[]): void {
    if (this.#mode === 'fenced') return;
    if (this.#mode === 'working' && (this.#lines.length > 0 || records.some(isDurable)))
      this.#lines.push(...records);
    else this.#handOver(records.map(uncommitted), false);
  }

  #schedule(delayMs: number): void {
    if (isOver(this.#mode) || this.#scheduled.has(delayMs)) return;
    this.#scheduled.add(delayMs);
    this.#options.defer(() => {
      this.#scheduled.delete(delayMs);
      // While the store fails, only the retry commits.
      if (this.#mode === 'working' || delayMs > 0) void this.#commit();
    }, delayMs);
  }

  async #commitOnce(): Promise<boolean> {
    if (isOver(this.#mode)) return false;
    const lines = this.#lines.length;
    const batch = this.#cache.take();
    let result: CommitResult;
    try {
      // The states in memory are compared with what Atlas says next.
      const states = batch.states.map((recorded) => publicState(recorded, this.#options.redactor));
      result = await this.#store.commit({ ...batch, states });
    } catch (error) {
      this.#cache.putBack(batch);
      this.#fail(error);
      return false;
    }
    if (result.replaced) {
      this.#cache.storeReplaced(batch);
      this.sinks.restart(result.position);
      this.#episode.fileReplaced = true;
      return this.#commitOnce();
    }
    this.#cache.committed();
    this.#release(lines, batch.events, result.positions?.first ?? 0);
    this.#recover();
    return true;
  }

  /** Hands over the events that were committed, the lines among them, and those behind that are not durable. */
  #release(count: number, events: readonly EventRecord[], first: number): void {
    const positions = new Map(events.map((record, index) => [record, first + index]));
    const next = this.#lines.findIndex((record, index) => index >= count && isDurable(record));
    const records = this.#lines.splice(0, next === -1 ? this.#lines.length : next);
    const isNew = new Set(records);
    const lineOf = (record: EventRecord): Line => {
      const position = positions.get(record);
      return position === undefined ? uncommitted(record) : { kind: 'committed', record, position };
    };
    const before = events.filter((record) => !isNew.has(record)).map(lineOf);
    if (before.length > 0) this.sinks.offer(before);
    if (before.length > 0 && records.length === 0) this.deliver();
    this.#handOver(records.map(lineOf), true);
  }

  #handOver(lines: readonly Line[], stored: boolean): void {
    if (lines.length === 0 || this.#mode === 'fenced') return;
    this.sinks.offer(lines);
    this.deliver();
    this.#options.onEvents(
      lines.map(({ record }) => record),
      stored,
    );
  }

  #fail(error: unknown): void {
    const { now, onFault } = this.#options;
    if (error instanceof FencedError) this.fence();
    else if (error instanceof StateError) {
      if (this.#mode === 'working') {
        const { reason, remedy } = error;
        this.#mode = 'failing';
        this.#episode.since = now();
        // Nothing comes after the last line, unless that waits.
        if (!this.#isClosing || this.#lines.length > 0)
          this.emit(
            buildEvent('watcher.state_unavailable', { reason, path: this.#store.path, remedy }, now()),
          );
      }
      this.#schedule(retryDelayMs);
    } else onFault(error);
    if (this.#lines.length > 0) this.#handOver(this.#lines.splice(0).map(uncommitted), false);
  }

  #recover(): void {
    if (this.#mode !== 'failing' && !this.#episode.fileReplaced) return;
    const now = this.#options.now();
    const fields = recoveredFields(this.#episode, this.#mode === 'failing', this.#cache.takeDropped(), now);
    this.#mode = 'working';
    this.#episode.fileReplaced = false;
    this.emit(buildEvent('watcher.state_recovered', fields, now));
    // What arrived while this commit was under way waits for no other one yet.
    this.#schedule(0);
  }
}

const isOver = (mode: Mode): boolean => mode === 'closed' || mode === 'fenced';

/** Returns the line of a record that is not in the log. */
function uncommitted(record: EventRecord): Line {
  return { kind: isDurable(record) ? 'uncommitted' : 'passing', record };
}
