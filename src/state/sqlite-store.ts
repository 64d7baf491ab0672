import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileIdentity, type StoreMark, storeMark } from './file-mark.ts';
import { realStatePath } from './real-path.ts';
import { resultCode, resultCodes } from './result-code.ts';
import { checkSoundness } from './schema.ts';
import { openStateDatabase, type StateDatabase } from './state-database.ts';
import { stateFaultOf } from './state-fault.ts';
import { describeOpenError, StateFileError } from './state-file-error.ts';
import { type StateLease, takeStateLease } from './state-lease.ts';
import type { OutboxEntry, Store } from './store.ts';

/** Events carried over from a state file that was taken away, at most. */
const carriedEvents = 10_000;

/** How long a commit waits for the lock of another program: at the start, and while everything else waits too. */
const lockWaitMs = { start: 5_000, running: 100 };

/** After these the connection is as good as before. */
const passingFaults: ReadonlySet<number | undefined> = new Set([
  resultCodes.busy,
  resultCodes.locked,
  resultCodes.full,
  resultCodes.constraint,
]);

/**
 * Opens the state file for the one watcher that may write it, and creates it where there is none; `:memory:`
 * keeps nothing. Throws a StateFileError when the file is held by another watcher, damaged, foreign, newer than
 * this program, or cannot be written.
 */
export function openStore(path: string): Store {
  try {
    if (path === ':memory:')
      return { path, refresh: () => undefined, ...openStateDatabase(path, lockWaitMs.start) };
    const realPath = realStatePath(path);
    const lease = takeStateLease(realPath);
    try {
      return new FileStore(realPath, lease);
    } catch (error) {
      lease.release();
      throw error;
    }
  } catch (error) {
    throw describeOpenError(error, path);
  }
}

/** The state file, which may be taken away, replaced, filled up or damaged at any time. */
class FileStore implements Store {
  readonly path: string;
  #lease: StateLease;
  #database: StateDatabase | undefined;
  /** The file that holds what was stored so far; undefined when it is lost. */
  #identity: string | undefined;
  /** The file that was last found to be sound: to look takes long, and again with every try to open it. */
  #soundFile: string | undefined;
  /** State file and log as they were after the latest write of our own; undefined where they were gone. */
  #mark: StoreMark | undefined;
  #logIdentity: string | undefined;
  /** A fault has shown that the connection is not to be trusted. */
  #broken = false;
  #hurried = false;
  #carried: readonly OutboxEntry[] = [];

  constructor(path: string, lease: StateLease) {
    this.path = path;
    this.#lease = lease;
    this.#database = this.#openFile(lockWaitMs.start);
    this.#database.waitForLocks(lockWaitMs.running);
    this.#identity = fileIdentity(path);
    this.#takeMark();
  }

  load(groupId: string, liveMigrationId: string) {
    return this.#open.load(groupId, liveMigrationId);
  }

  samples(groupId: string, liveMigrationId: string, since: number, limit?: number) {
    return this.#open.samples(groupId, liveMigrationId, since, limit);
  }

  latestSamples(groupId: string, liveMigrationId: string, since: number, limit: number) {
    return this.#open.latestSamples(groupId, liveMigrationId, since, limit);
  }

  eventsAfter(eventId: string | undefined, limit: number) {
    return this.#open.eventsAfter(eventId, limit);
  }

  latestEvents(limit: number, migration?: string) {
    return this.#open.latestEvents(limit, migration);
  }

  refresh(): readonly OutboxEntry[] | undefined {
    if (this.#database !== undefined && !this.#broken && this.#isUntouched()) return undefined;
    // A folder that is gone is not made anew: it may be a disk that is not mounted.
    statSync(dirname(this.path));
    if (!this.#lease.isInPlace()) {
      const lease = takeStateLease(this.path);
      this.#lease.release();
      this.#lease = lease;
    }
    // As long as the former file is open, no other can have its identity.
    if (fileIdentity(this.path) !== this.#identity) this.#identity = undefined;
    this.#leaveFile();
    this.#database = this.#reopen();
    this.#broken = false;
    this.#hurried = true;
    this.#takeMark();
    const carried = this.#identity === undefined ? this.#carried : undefined;
    this.#identity = fileIdentity(this.path);
    this.#carried = [];
    return carried;
  }

  commit(batch: Parameters<Store['commit']>[0]) {
    return this.#write((database) => database.commit(batch));
  }

  /** Returns also what is known of the file that was left, as long as there is none to look into. */
  unwritten(limit: number, after = 0) {
    const known = this.#carried.filter(({ id }) => id > after).slice(0, limit);
    const isAll = known.length === limit || this.#carried.length < carriedEvents;
    return this.#database === undefined && known.length > 0 && isAll
      ? known
      : this.#open.unwritten(limit, after);
  }

  pruneSamples(before: number, limit: number): void {
    this.#write((database) => database.pruneSamples(before, limit));
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
    this.#lease.release();
  }

  /** What is damaged holds nothing of ours any more, even if it comes back to life. */
  #reopen(): StateDatabase {
    try {
      return this.#openFile(0);
    } catch (error) {
      if (stateFaultOf(error)?.reason === 'damaged') this.#identity = undefined;
      throw error;
    }
  }

  #openFile(waitMs: number): StateDatabase {
    return openStateDatabase(this.path, waitMs, (database, path) => {
      const identity = fileIdentity(path);
      if (identity !== undefined && identity === this.#soundFile) return;
      checkSoundness(database, path);
      this.#soundFile = identity;
    });
  }

  get #open(): StateDatabase {
    if (this.#database === undefined)
      throw new StateFileError(`${this.path}: the state file is not open.`, { reason: 'io_error' });
    return this.#database;
  }

  /** While the file is locked, only the first write waits: polls must go on. */
  #write<Result>(work: (database: StateDatabase) => Result): Result {
    const database = this.#open;
    try {
      const result = work(database);
      if (this.#hurried) database.waitForLocks(lockWaitMs.running);
      this.#hurried = false;
      return result;
    } catch (error) {
      this.#broken = !passingFaults.has(resultCode(error));
      if (stateFaultOf(error)?.reason === 'damaged') this.#soundFile = undefined;
      if (!this.#hurried && !this.#broken) database.waitForLocks(0);
      this.#hurried = true;
      throw error;
    } finally {
      this.#renewMark();
    }
  }

  /**
   * The file is closed before another is opened: closing may remove the log at its path, whosever it is. What is
   * left there of our own log would be taken for the log of the file that is there now.
   */
  #leaveFile(): void {
    if (this.#database === undefined) return;
    try {
      this.#carried = this.#database.unwritten(carriedEvents);
      this.#database.checkpoint();
    } catch {
      // What cannot be read any more cannot be carried over.
    }
    this.#database.close();
    this.#database = undefined;
    if (this.#identity === undefined && fileIdentity(`${this.path}-wal`) === this.#logIdentity)
      rmSync(`${this.path}-wal`, { force: true });
  }

  #isUntouched(): boolean {
    return this.#mark !== undefined && isDeepStrictEqual(storeMark(this.path), this.#mark);
  }

  #takeMark(): void {
    this.#mark = storeMark(this.path);
    this.#logIdentity = this.#mark?.log;
  }

  /** After a write of our own. What is at the path may be another file by now, and must not pass for ours. */
  #renewMark(): void {
    const mark = storeMark(this.path);
    if (mark?.file === this.#mark?.file && mark?.log === this.#mark?.log) this.#mark = mark;
  }
}
