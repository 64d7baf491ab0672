import { randomUUID } from 'node:crypto';
import { holderName } from '../holder-name.ts';
import type { Lease, LeaseView, Taking } from '../leased-store.ts';
import { FencedError } from '../store.ts';
import { type Connections, callDeadlineMs, named, type Row } from './connections.ts';
import { isMissing } from './errors.ts';
import { checkVersion, createSchema, schemaVersion } from './schema.ts';

/** What a holder knows of the store that it writes. */
interface Holding {
  readonly storeId: string;
  /** The epoch, and the revision as far as it is known. */
  readonly epoch: number;
  readonly revision: number;
  /** The last position in the event log that a commit has reported. */
  readonly position: number;
}

/** The row of the watcher, as it is now. */
interface WatcherRow extends Holding, LeaseView {
  readonly token: string | undefined;
}

/** The lease, with what a commit needs to know of it. */
export interface HeldLease extends Lease {
  /** Identifies this opened store among all. */
  readonly token: string;
  /** How long it runs without being renewed, in ms. */
  readonly lengthMs: number;
  /** Returns what is held. Throws a {@link FencedError} where nothing is. */
  holding(): Holding;
  /** A commit has reported this. */
  advance(to: Pick<Holding, 'revision' | 'position'>): void;
  /**
   * Finds out why a write has found nothing to change, or whether all is as it was. Afterwards `holding` is right again;
   * rejects with a {@link FencedError} where another watcher has the store.
   */
  verify(): Promise<void>;
  /** Returns once, after `verify` has found a replaced store, the last position of the new one. */
  takeReplaced(): number | undefined;
}

const leaseColumns = `epoch, CASE WHEN token IS NOT NULL THEN holder END AS holder,
  CASE WHEN token IS NULL THEN 0 ELSE greatest(-1e12, extract(epoch FROM expires_at - clock_timestamp()) * 1000) END::float8 AS remaining_ms`;
const holdingColumns = 'store_id, epoch, revision, last_position';

const expiry = "clock_timestamp() + $2 * interval '1 millisecond'";

/** A later attempt of the same watcher takes what an earlier one has got without knowing it. */
const takeStatement = `
  UPDATE cutover_watch.watcher SET epoch = epoch + 1, revision = revision + 1, token = $1, holder = $3, expires_at = ${expiry},
    taken_after = CASE WHEN token = $1 THEN taken_after WHEN token IS NULL THEN 'free' ELSE 'expired' END,
    former = CASE WHEN token = $1 THEN former ELSE holder END
  WHERE schema_version = ${schemaVersion} AND (token IS NULL OR token = $1 OR expires_at <= clock_timestamp())
  RETURNING ${holdingColumns}, taken_after, former`;
const renewStatement = `
  UPDATE cutover_watch.watcher SET expires_at = ${expiry} WHERE token = $1 AND epoch = $3 RETURNING epoch`;
const releaseStatement = `
  UPDATE cutover_watch.watcher SET token = NULL, expires_at = '-infinity' WHERE token = $1`;

/** Returns the longest that a call for the lease takes, in ms: three attempts fit into a lease. */
function leaseDeadlineMs(leaseMs: number): number {
  return Math.min(callDeadlineMs, Math.floor(leaseMs / 3) - 50);
}

/** Returns the lease of the store behind these connections, which nobody holds yet. */
export function leaseOver(connections: Connections, leaseMs: number): HeldLease {
  const { name } = connections;
  const token = randomUUID();
  const holder = holderName();
  const deadlineMs = leaseDeadlineMs(leaseMs);
  // Who holds nothing yet has nothing to lose by waiting.
  const query = (text: string, values?: readonly unknown[]): Promise<readonly Row[]> =>
    connections.query(text, values, held === undefined ? undefined : deadlineMs);
  let held: Holding | undefined;
  let replaced: number | undefined;

  /** Runs a statement that needs the tables; where they are missing, they are created first. */
  async function withTables(text: string, values?: readonly unknown[]): Promise<Row | undefined> {
    try {
      return (await query(text, values))[0];
    } catch (error) {
      if (!isMissing(error)) throw error;
      await createSchema(connections);
      return (await query(text, values))[0];
    }
  }

  async function read(): Promise<WatcherRow> {
    const row = await withTables(
      `SELECT schema_version, token, ${holdingColumns}, ${leaseColumns} FROM cutover_watch.watcher`,
    );
    checkVersion(name, row?.schema_version);
    return { ...holdingOf(row), ...viewOf(row), token: textOf(row?.token) };
  }

  async function take(): Promise<Taking> {
    const row = await withTables(takeStatement, [token, leaseMs, holder]);
    if (row === undefined) return { taken: false, lease: await read() };
    held = holdingOf(row);
    replaced = undefined;
    return {
      taken: true,
      epoch: held.epoch,
      after: row.taken_after === 'expired' ? 'expired' : 'free',
      former: textOf(row.former),
    };
  }

  function holding(): Holding {
    if (held === undefined) throw new FencedError(`${name}: this watcher does not hold the state database.`);
    return held;
  }

  async function verify(): Promise<void> {
    const known = holding();
    const row = await read();
    const isOurs = row.token === token;
    const isAnother =
      row.storeId !== known.storeId || row.revision < known.revision || row.position < known.position;
    if (isOurs) {
      // A commit of which the outcome was unknown may have succeeded: the revision is greater then.
      held = { ...row, position: isAnother ? row.position : known.position };
      if (isAnother) replaced = row.position;
      return;
    }
    // A restored database has the holder of its time, or none.
    const taking = isAnother ? await take() : undefined;
    if (taking?.taken === true) {
      replaced = holding().position;
      return;
    }
    held = undefined;
    throw new FencedError(`${name}: ${row.holder ?? 'another watcher'} has taken over the state database.`);
  }

  async function isRenewed(): Promise<boolean> {
    return (await query(renewStatement, [token, leaseMs, holding().epoch])).length > 0;
  }

  return {
    token,
    lengthMs: leaseMs,
    holding,
    verify,
    advance(to) {
      if (held !== undefined) held = { ...held, ...to };
    },
    takeReplaced() {
      const position = replaced;
      replaced = undefined;
      return position;
    },
    look: () =>
      named(name, async () => {
        const row = await read();
        const { epoch, remainingMs } = row;
        // The reply to an attempt of this watcher was lost: it may take the lease at once.
        const isFree = held === undefined && row.token === token;
        return isFree
          ? { epoch, holder: undefined, remainingMs: 0 }
          : { epoch, holder: row.holder, remainingMs };
      }),
    take: () => named(name, take),
    renew: () =>
      named(name, async () => {
        if (await isRenewed()) return;
        // A late attempt of this watcher has raised the epoch, or the store was replaced: the lease may end at any moment.
        await verify();
        if (!(await isRenewed())) await verify();
      }),
    release: () =>
      named(name, async () => {
        if (held === undefined) return;
        await query(releaseStatement, [token]);
        held = undefined;
      }),
  };
}

function holdingOf(row: Row | undefined): Holding {
  return {
    storeId: String(row?.store_id),
    epoch: Number(row?.epoch),
    revision: Number(row?.revision),
    position: Number(row?.last_position),
  };
}

/** Returns how the lease stands from a row with its columns. */
function viewOf(row: Row | undefined): LeaseView {
  return { epoch: Number(row?.epoch), holder: textOf(row?.holder), remainingMs: Number(row?.remaining_ms) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
