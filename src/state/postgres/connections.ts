import { createConnection, Socket } from 'node:net';
import { Client, Pool, type PoolClient, types } from 'pg';
import { StateError } from '../store.ts';
import { asStateFault, DeadlineError } from './errors.ts';

/** The longest that a call takes, in ms, with the time for a new connection. */
export const callDeadlineMs = 5_000;
/** After this, a connection that nobody uses is closed, in ms. */
const idleMs = 60_000;
/** After this, the system asks whether the other end of a silent connection is still there, in ms. */
const keepAliveMs = 10_000;
/** The longest that an orderly end of the connections takes, in ms. */
const endMs = 500;

export type Row = Readonly<Record<string, unknown>>;

/** A few connections to one database. */
export interface Connections {
  /** The database, for people: without user, password and options. */
  readonly name: string;
  /** The longest that a call takes, in ms, unless it says otherwise. */
  readonly deadlineMs: number;
  /**
   * Resolves to the rows of one statement, or of the last one of several where it has no values. Nothing of it is left
   * in the session, which a pooler may give to others. After the deadline the statement is canceled and its connection
   * destroyed; whether it has taken effect is unknown then, as after every loss of a connection.
   * Rejects with the error of the driver.
   */
  readonly query: (text: string, values?: readonly unknown[], deadlineMs?: number) => Promise<readonly Row[]>;
  /** May be called more than once. */
  readonly close: () => Promise<void>;
}

/** 64-bit integers are exact as numbers here: positions, ids, and milliseconds. */
types.setTypeParser(types.builtins.INT8, Number);

/** Returns the database that a URL names, for people. Throws a {@link StateError}, without the URL, where it is none. */
function databaseName(url: string): string {
  try {
    const { host, port, database } = new Client({ connectionString: url });
    return `postgresql://${host.includes(':') ? `[${host}]` : host}:${port}/${database ?? ''}`;
  } catch {
    throw new StateError(
      'The URL of the state database is not valid. Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with other than letters and digits in the password percent-encoded.',
      { reason: 'refused', remedy: 'Correct the URL of the state database.' },
    );
  }
}

/** The call that uses a connection gets the error as well. */
function ignore(): void {}

interface Limits {
  /** Connections at once. */
  readonly max: number;
  /** The longest that a call takes, in ms, where it does not say so itself. */
  readonly deadlineMs?: number;
  /** The longest that a new connection takes, in ms. */
  readonly connectMs?: number;
}

/** Returns connections to a database, which are made when they are needed. */
export function connectTo(url: string, limits: Limits): Connections {
  const { max, deadlineMs: usualMs = callDeadlineMs, connectMs = usualMs } = limits;
  const name = databaseName(url);
  const sockets = new Set<Socket>();
  const pool = new Pool({
    stream() {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    connectionString: url,
    application_name: 'cutover-watch',
    max,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  });
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, endMs);
    });
    await Promise.race([pool.end(), late]);
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  }

  return {
    name,
    deadlineMs: usualMs,
    query: (text, values, deadlineMs = usualMs) => call(pool, { text, values }, deadlineMs),
    close: () => (closing ??= close()),
  };
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[] | undefined;
}

/** Runs a statement on a connection of the pool, which is used again only if all is well. */
async function call(pool: Pool, { text, values }: Statement, deadlineMs: number): Promise<readonly Row[]> {
  let client: PoolClient | undefined;
  const deadline = Promise.withResolvers<never>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    if (client !== undefined) abandon(client);
    deadline.reject(new DeadlineError(`no answer in ${deadlineMs} ms`));
  }, deadlineMs);
  const work = async (): Promise<readonly Row[]> => {
    client = await pool.connect();
    if (isLate) {
      client.release();
      return [];
    }
    let isSound = false;
    try {
      const result: unknown = await client.query<Row>({ text, ...(values && { values: [...values] }) });
      isSound = true;
      const last = Array.isArray(result) ? result.at(-1) : result;
      return (last as { readonly rows: readonly Row[] }).rows;
    } finally {
      client.release(!isSound);
    }
  };
  try {
    return await Promise.race([work(), deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a client of the driver has, which its types do not. */
interface Internals {
  readonly connection: { readonly stream: { destroy(): void } };
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
}

function destroy(client: PoolClient): void {
  (client as unknown as Internals).connection.stream.destroy();
}

/** Asks the server to cancel what the client waits for, so that it does not pile up there, and destroys its connection. */
function abandon(client: PoolClient): void {
  const { host, port, processID, secretKey } = client as unknown as Internals;
  destroy(client);
  if (processID === null || secretKey === null) return;
  cancel({ host, port }, processID, secretKey);
}

/** Sends the message CancelRequest, "Message Formats", PostgreSQL documentation. */
function cancel(address: { readonly host: string; readonly port: number }, pid: number, key: number): void {
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(80_877_102, 4);
  message.writeInt32BE(pid, 8);
  message.writeInt32BE(key, 12);
  const { host, port } = address;
  const socket = createConnection(
    host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
  );
  socket.setTimeout(callDeadlineMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.unref();
  socket.end(message);
}

/** Resolves to what `work` does with connections; its errors name the database. */
export async function named<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStateFault(error, name);
  }
}
