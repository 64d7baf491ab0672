import { execFileSync } from 'node:child_process';
import { startPooler } from '../postgres/pooler.ts';
import { type PostgresServer, startPostgres } from '../postgres/server.ts';

/** How the server ends: `fast` ends its sessions in order, `immediate` is a crash. */
type Stop = 'fast' | 'immediate';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** A PostgreSQL server of the trial's own, with one database. */
export interface TrialDatabase {
  /** The port to which watchers connect: that of the server, or of pgbouncer before it. */
  readonly entrance: number;
  /** Returns the URL for one run of a watcher, through this port of the trial. */
  urlOf(port: number, run: string, address?: string): string;
  start(): Promise<void>;
  stop(how: Stop): Promise<void>;
  /** Suspends the server with all its sessions, and lets it go on. */
  freeze(isFrozen: boolean): void;
  /** Runs statements with all rights, past every fault but that of the server itself. */
  readonly query: (sql: string) => Promise<Rows>;
  close(): Promise<void>;
}

/** Makes an empty database on a server of its own, which is removed with it, or on this one. */
export async function startDatabase(
  throughPgbouncer: boolean,
  shared?: PostgresServer,
): Promise<TrialDatabase> {
  const server = shared ?? (await startPostgres());
  const remove = async (): Promise<void> => {
    if (shared === undefined) await server.remove();
  };
  try {
    const url = await server.newDatabase();
    const pooler = throughPgbouncer ? await startPooler(server.port) : undefined;
    const close = async (): Promise<void> => {
      await pooler?.close();
      await remove();
    };
    const entrance = Number(new URL(pooler?.through(url) ?? url).port);
    return databaseOf(server, url, { entrance, close });
  } catch (error) {
    await remove();
    throw error;
  }
}

function databaseOf(
  server: PostgresServer,
  url: string,
  { entrance, close }: Pick<TrialDatabase, 'entrance' | 'close'>,
): TrialDatabase {
  let isRunning = true;
  let frozen: readonly number[] = [];
  const freeze = (isFrozen: boolean): void => {
    const all = isFrozen && isRunning ? [server.pid, ...childrenOf(server.pid)] : frozen;
    frozen = isFrozen ? all : [];
    for (const pid of all) signal(pid, isFrozen ? 'SIGSTOP' : 'SIGCONT');
  };
  return {
    entrance,
    urlOf(port, run, address = '127.0.0.1') {
      const own = new URL(url);
      own.hostname = address;
      own.port = String(port);
      own.searchParams.set('application_name', run);
      return own.href;
    },
    async start() {
      if (!isRunning) await server.start();
      isRunning = true;
    },
    async stop(how) {
      if (!isRunning) return;
      isRunning = false;
      await server.stop(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    },
    freeze,
    query: (sql) => server.run(sql, url),
    async close() {
      freeze(false);
      await close();
    },
  };
}

function childrenOf(pid: number): number[] {
  return execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(Number);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}
