import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../free-port.ts';

/** Where Debian has the programs of the newest server that is installed. */
const binaries = newestBinaries();

function newestBinaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  return versions
    .toSorted((one, other) => Number(other) - Number(one))
    .map((version) => join(root, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

/** Whether there is a PostgreSQL server to test with. */
export const hasPostgres = binaries !== undefined;

/** The user `nobody`: no server runs as root. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Makes a temporary folder that the unprivileged user owns. */
export function foreignFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-test-'));
  if (unprivileged.uid !== undefined) chownSync(folder, unprivileged.uid, unprivileged.gid);
  return folder;
}

/** Starts a program as the unprivileged user. Resolves to a function that ends it with a signal. */
export function spawnForeign(
  program: string,
  args: readonly string[],
): { readonly pid: number; end(signal: NodeJS.Signals): Promise<void> } {
  const child = spawn(program, args, { ...unprivileged, stdio: 'ignore', cwd: '/' });
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}

export interface PostgresServer {
  readonly port: number;
  /** Creates a database, and resolves to its URL. */
  newDatabase(): Promise<string>;
  /** Resolves to the URL of a database that is empty again, which is cheaper; for one test at a time. */
  emptyDatabase(): Promise<string>;
  /** Runs statements as the superuser, in the database of this URL where it is given; resolves to the rows of the last. */
  run(sql: string, url?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Of its first process. */
  readonly pid: number;
  /** Stops the server like an administrator, and ends the connections; with SIGQUIT as if it crashed. */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Starts it again, at the same port. */
  start(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

const superuser = 'postgres';
/** What the watcher of a test is, with a password that needs to be encoded. */
export const watcherUser = { name: 'lookout', password: 'p@ss/wörd' } as const;

/**
 * Starts a server on a port of the loopback, with the data in a temporary folder, as an unprivileged user. It forgets
 * nothing but does not wait for the disk. `more`: other settings, as NAME=VALUE.
 */
export async function startPostgres(more: readonly string[] = []): Promise<PostgresServer> {
  if (binaries === undefined) throw new Error('there is no PostgreSQL server');
  const folder = foreignFolder();
  const data = join(folder, 'data');
  const port = await freePort();
  execFileSync(
    join(binaries, 'initdb'),
    ['--no-sync', '--locale=C', '--encoding=UTF8', '--auth=trust', `--username=${superuser}`, '-D', data],
    { ...unprivileged, stdio: 'ignore', cwd: '/' },
  );
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `host all ${superuser} 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n`,
  );
  const urlOf = (database: string): string => `postgresql://${superuser}@127.0.0.1:${port}/${database}`;
  let server: ReturnType<typeof spawnForeign> | undefined;

  const run: PostgresServer['run'] = async (sql, url) => {
    const database = url === undefined ? superuser : new URL(url).pathname.slice(1);
    const client = new Client({ connectionString: urlOf(database) });
    client.on('error', () => {});
    await client.connect();
    try {
      const result: unknown = await client.query(sql);
      const last: unknown = Array.isArray(result) ? result.at(-1) : result;
      return (last as { readonly rows: readonly Readonly<Record<string, unknown>>[] }).rows;
    } finally {
      await client.end();
    }
  };

  async function start(): Promise<void> {
    const settings = [
      'fsync=off',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=50',
      'shared_buffers=64MB',
      // The latter of two counts.
      ...more,
    ].flatMap((setting) => ['-c', setting]);
    server = spawnForeign(join(binaries ?? '', 'postgres'), ['-D', data, '-p', String(port), ...settings]);
    for (;;) {
      try {
        await run('SELECT 1');
        return;
      } catch {
        await delay(20);
      }
    }
  }

  const stop: PostgresServer['stop'] = async (signal = 'SIGINT') => {
    await server?.end(signal);
  };
  async function newDatabase(): Promise<string> {
    const name = `db_${randomUUID().replaceAll('-', '')}`;
    await run(`CREATE DATABASE ${name} OWNER ${watcherUser.name}`);
    return `postgresql://${watcherUser.name}:${encodeURIComponent(watcherUser.password)}@127.0.0.1:${port}/${name}`;
  }

  let reused: string | undefined;
  async function emptyDatabase(): Promise<string> {
    if (reused !== undefined)
      await run(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
         DROP SCHEMA IF EXISTS cutover_watch CASCADE`,
        reused,
      );
    reused ??= await newDatabase();
    return reused;
  }

  await start();
  await run(`CREATE USER ${watcherUser.name} PASSWORD '${watcherUser.password}'`);
  return {
    port,
    get pid() {
      return server?.pid ?? 0;
    },
    run,
    start,
    stop,
    newDatabase,
    emptyDatabase,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
