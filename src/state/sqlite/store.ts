import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { keyOf } from '../../atlas/migration-resource.ts';
import { type Batch, StateError, type Store } from '../store.ts';
import { type DatabaseOptions, openStateDatabase, type StateDatabase } from './database.ts';
import { asStateFault, describeFault, faultReason, isTransient } from './errors.ts';
import { type Fingerprint, fileFingerprint, fileIdentity, realStatePath } from './files.ts';
import { checkOtherNames, type StateLease, takeStateLease } from './lease.ts';
import { checkIntegrity, inspectFile } from './schema.ts';
import type { Purpose } from './write-access.ts';

/** How long a commit waits for the lock of another program, in ms: at the start, and while polls wait for it. */
const lockWaitMs = { start: 5_000, running: 100 };

/** How long a start waits for a command that has the lease, in ms. */
const leaseWaitMs = 300;

/**
 * Each commit writes whole pages, of 4,096 bytes: those of the states, and one for the samples of each migration. More
 * samples in a commit fill the same pages.
 */
const patienceMs = 180_000;

type OnUpgraded = DatabaseOptions['onUpgraded'];

/** A connection to the state file, for as long as the store is open. */
interface Connection {
  readonly path: string;
  readonly database: StateDatabase;
  isUntouched(): boolean;
  /**
   * Makes sure that the connection is to the file at the path, and opens that file where it is not, or after a failure.
   * Returns whether it is another file than before.
   */
  refresh(): boolean;
  write<Result>(work: (database: StateDatabase) => Result): Result;
  close(): void;
}

/**
 * Opens the state file for the one watcher that may write it, and creates it where there is none; `:memory:`
 * keeps nothing. Throws a StateError when the file is held by another watcher, damaged, foreign, newer than
 * this program, or cannot be written. `onUpgraded` gets a sentence for people where the file was of a former version.
 */
export function openStore(
  path: string,
  onUpgraded?: (sentence: string) => void,
  purpose: Purpose = 'watcher',
): Store {
  try {
    return storeOver(
      path === ':memory:' ? memoryConnection(path) : openStateFile(realStatePath(path), onUpgraded),
    );
  } catch (error) {
    throw describeFault(error, path, purpose);
  }
}

function storeOver(connection: Connection): Store {
  const { path } = connection;
  const attempt = async <Result>(work: () => Result): Promise<Result> => {
    try {
      return work();
    } catch (error) {
      throw asStateFault(error, path);
    }
  };
  const read = <Result>(work: (database: StateDatabase) => Result): Promise<Result> =>
    attempt(() => work(connection.database));
  return {
    path,
    patienceMs,
    isUntouched: () => connection.isUntouched(),
    states: (migrations) => read((database) => database.states(migrations)),
    outages: () => read((database) => database.outages()),
    cursors: () => read((database) => database.cursors()),
    lastPosition: () => read(({ events }) => events.lastPosition()),
    eventsFrom: (position, limit) => read(({ events }) => events.from(position, limit)),
    eventsNamed: (names, position, rows) => read(({ events }) => events.named(names, position, rows)),
    eventsAfter: (eventId, limit) => read(({ events }) => events.after(eventId, limit)),
    latestEvents: (limit, migration) => read(({ events }) => events.latest(limit, migration)),
    // A negative limit is none ("SELECT", SQLite documentation).
    samples: (migration, since, limit = -1) => read(({ samples }) => samples.since(migration, since, limit)),
    latestSamples: (migration, since, limit) =>
      read(({ samples }) => samples.latest(migration, since, limit)),
    samplesOfMany: (migrations, wanted) =>
      read(
        ({ samples }) =>
          new Map(migrations.map((migration) => [keyOf(migration), samples.some(migration, wanted)])),
      ),
    requests: () => read((database) => database.requests()),
    commit: (batch) =>
      attempt(() => {
        if (connection.refresh())
          return { replaced: true, position: connection.database.events.lastPosition() };
        const positions = isEmpty(batch) ? undefined : connection.write((database) => database.commit(batch));
        return { replaced: false, ...(positions && { positions }) };
      }),
    maintain: (now) => attempt(() => connection.write((database) => database.maintain(now))),
    close: () => attempt(() => connection.close()),
  };
}

function memoryConnection(path: string): Connection {
  const database = openStateDatabase(path, lockWaitMs.start);
  return {
    path,
    database,
    isUntouched: () => true,
    refresh: () => false,
    write: (work) => work(database),
    close: () => database.close(),
  };
}

/** A file that is not ours is refused before anything is written beside it. */
function openStateFile(path: string, onUpgraded: OnUpgraded): Connection {
  inspectFile(path);
  const lease = takeStateLease(path, leaseWaitMs);
  try {
    checkOtherNames(path);
    return new StateFile(path, lease, onUpgraded);
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** The state file, which may be deleted, replaced, filled up or damaged at any time. */
class StateFile implements Connection {
  readonly path: string;
  readonly #onUpgraded: OnUpgraded;
  #lease: StateLease;
  #database: StateDatabase | undefined;
  /** The file with the committed data; undefined if it is lost. */
  #identity: string | undefined;
  /** The file that was last found to be sound: a check takes long, and is not repeated with every attempt to open it. */
  #verifiedFile: string | undefined;
  /** State file and log after the latest write of our own; undefined where they were missing. */
  #fingerprint: Fingerprint | undefined;
  /** A fault has shown that the connection cannot be used again. */
  #broken = false;
  /** Writes do not wait for locks. */
  #failFast = false;
  #isClosed = false;

  constructor(path: string, lease: StateLease, onUpgraded: OnUpgraded) {
    this.path = path;
    this.#lease = lease;
    this.#onUpgraded = onUpgraded;
    this.#database = this.#open(lockWaitMs.start);
    this.#database.waitForLocks(lockWaitMs.running);
    this.#identity = fileIdentity(path);
    this.#fingerprint = fileFingerprint(path);
  }

  get database(): StateDatabase {
    if (this.#database === undefined)
      throw new StateError(`${this.path}: the state file is not open.`, { reason: 'io_error' });
    return this.#database;
  }

  isUntouched(): boolean {
    if (this.#database === undefined || this.#broken || this.#fingerprint === undefined) return false;
    try {
      return isDeepStrictEqual(fileFingerprint(this.path), this.#fingerprint);
    } catch {
      // Its folder may not be entered any more, or its disk does not answer.
      return false;
    }
  }

  refresh(): boolean {
    // Without the lease, another watcher may have the file by now.
    if (this.#isClosed)
      throw new StateError(`${this.path}: the state file is closed.`, { reason: 'io_error' });
    if (this.isUntouched()) return false;
    // A missing folder is not created: it may be a disk that is not mounted.
    statSync(dirname(this.path));
    if (!this.#lease.isInPlace()) {
      const lease = takeStateLease(this.path);
      this.#lease.release();
      this.#lease = lease;
    }
    // While the former file is open, no other can have its identity.
    if (fileIdentity(this.path) !== this.#identity) this.#identity = undefined;
    this.#closeFile();
    this.#database = this.#reopen();
    this.#broken = false;
    this.#failFast = true;
    this.#fingerprint = fileFingerprint(this.path);
    const isReplaced = this.#identity === undefined;
    this.#identity = fileIdentity(this.path);
    return isReplaced;
  }

  /** While the file is locked, only the first write waits: polls must go on. */
  write<Result>(work: (database: StateDatabase) => Result): Result {
    const { database } = this;
    try {
      const result = work(database);
      if (this.#failFast) database.waitForLocks(lockWaitMs.running);
      this.#failFast = false;
      return result;
    } catch (error) {
      this.#broken = !isTransient(error);
      if (faultReason(error) === 'damaged') this.#verifiedFile = undefined;
      if (!this.#failFast && !this.#broken) database.waitForLocks(0);
      this.#failFast = true;
      throw error;
    } finally {
      this.#renewFingerprint();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#database?.close();
    this.#database = undefined;
    this.#lease.release();
  }

  /** The data in a damaged file counts as lost, even if the file becomes readable again. */
  #reopen(): StateDatabase {
    try {
      return this.#open(0);
    } catch (error) {
      if (faultReason(error) === 'damaged') this.#identity = undefined;
      throw error;
    }
  }

  #open(waitMs: number): StateDatabase {
    const check = (database: DatabaseSync, path: string): void => {
      const identity = fileIdentity(path);
      if (identity !== undefined && identity === this.#verifiedFile) return;
      checkIntegrity(database, path);
      this.#verifiedFile = identity;
    };
    return openStateDatabase(this.path, waitMs, { check, onUpgraded: this.#onUpgraded });
  }

  /**
   * The file is closed before another is opened: closing may remove the log at its path, to whichever file that
   * belongs. What is left there of our own log would be taken for the log of the file that is there now.
   */
  #closeFile(): void {
    if (this.#database === undefined) return;
    try {
      this.#database.checkpoint();
    } catch {
      // A log that cannot be moved into the file is lost.
    }
    this.#database.close();
    this.#database = undefined;
    if (this.#identity === undefined && fileIdentity(`${this.path}-wal`) === this.#fingerprint?.log)
      rmSync(`${this.path}-wal`, { force: true });
  }

  /** After a write of our own. A different file may be at the path by now, and must not be taken for ours. */
  #renewFingerprint(): void {
    const fingerprint = fileFingerprint(this.path);
    if (fingerprint?.file === this.#fingerprint?.file && fingerprint?.log === this.#fingerprint?.log)
      this.#fingerprint = fingerprint;
  }
}

function isEmpty(batch: Batch): boolean {
  return Object.values(batch).every((part: readonly unknown[]) => part.length === 0);
}
