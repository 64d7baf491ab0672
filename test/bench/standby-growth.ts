import type { PostgresServer } from '../postgres/server.ts';
import { digits, formatTable } from './report.ts';

/** What one table took in a time. */
interface TableGrowth {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  /** Updated in place. */
  readonly hot: number;
  readonly deleted: number;
  readonly dead: number;
  readonly bytes: number;
}

/** What a database took in a time. */
export interface Growth {
  readonly seconds: number;
  readonly commits: number;
  readonly walBytes: number;
  readonly databaseBytes: number;
  readonly databaseGrowth: number;
  readonly tables: readonly TableGrowth[];
}

const day = 86_400;
const megabyte = 2 ** 20;

/** Begins to measure, just after a checkpoint; resolves to a function that resolves to what the database took since. */
export async function measureGrowth(server: PostgresServer, url: string): Promise<() => Promise<Growth>> {
  await server.run('CHECKPOINT', url);
  const before = await look(server, url);
  const begun = performance.now();
  return async () => {
    // Sessions report their statistics about once a second.
    const after = await look(server, url);
    return {
      seconds: (performance.now() - begun) / 1_000,
      commits: after.revision - before.revision,
      walBytes: after.wal - before.wal,
      databaseBytes: after.size,
      databaseGrowth: after.size - before.size,
      tables: after.tables.map((table) => {
        const former = before.tables.find((one) => one.table === table.table);
        return {
          ...table,
          inserted: table.inserted - (former?.inserted ?? 0),
          updated: table.updated - (former?.updated ?? 0),
          hot: table.hot - (former?.hot ?? 0),
          deleted: table.deleted - (former?.deleted ?? 0),
        };
      }),
    };
  };
}

async function look(server: PostgresServer, url: string) {
  const [row] = await server.run(
    `SELECT (pg_current_wal_lsn() - '0/0')::float AS wal, pg_database_size(current_database())::float AS size,
       (SELECT revision FROM cutover_watch.watcher)::float AS revision`,
    url,
  );
  const tables = await server.run(
    `SELECT relname, n_tup_ins::float AS inserted, n_tup_upd::float AS updated, n_tup_hot_upd::float AS hot,
       n_tup_del::float AS deleted, n_dead_tup::float AS dead, pg_total_relation_size(relid)::float AS bytes
     FROM pg_stat_user_tables WHERE schemaname = 'cutover_watch' ORDER BY relname`,
    url,
  );
  return {
    wal: Number(row?.wal),
    size: Number(row?.size),
    revision: Number(row?.revision),
    tables: tables.map(
      ({ relname, inserted, updated, hot, deleted, dead, bytes }): TableGrowth => ({
        table: String(relname),
        inserted: Number(inserted),
        updated: Number(updated),
        hot: Number(hot),
        deleted: Number(deleted),
        dead: Number(dead),
        bytes: Number(bytes),
      }),
    ),
  };
}

/** Returns what the database takes, with what that is in a day. */
export function growthTable({
  seconds,
  commits,
  walBytes,
  databaseBytes,
  databaseGrowth,
  tables,
}: Growth): string {
  const daily = (amount: number): number => (amount * day) / seconds;
  const millions = (amount: number): string => digits(daily(amount) / 1e6, 2);
  const rows = tables.map(({ table, inserted, updated, hot, deleted, dead, bytes }) => [
    table,
    millions(inserted),
    millions(updated),
    updated === 0 ? '-' : `${digits((100 * hot) / updated, 1)} %`,
    millions(deleted),
    String(dead),
    digits(bytes / megabyte, 1),
  ]);
  return [
    formatTable(
      [
        'table',
        'inserted, millions a day',
        'updated',
        'in place (HOT)',
        'deleted',
        'dead rows now',
        'MB now',
      ],
      rows,
    ),
    `In ${digits(seconds, 0)} s: ${commits} commits (${digits(daily(commits), 0)} a day), ${digits(daily(walBytes) / 2 ** 30, 1)} GB of WAL a day, ` +
      `${digits(databaseBytes / megabyte, 0)} MB in the database, ${digits(daily(databaseGrowth) / 2 ** 30, 1)} GB more a day at this pace.`,
  ].join('\n');
}
