import { readState } from '../record-schema.ts';
import type { RequestBox } from '../request-box.ts';
import { columnOf } from './commit.ts';
import { type Connections, connectTo, named } from './connections.ts';
import { recordOf } from './events.ts';
import { checkTables } from './record.ts';

/**
 * Opens the database of watchers, to leave a request there: a command needs no lease for that. Rejects with a `StateError`
 * where the database cannot be used, or no watcher has written to it yet.
 */
export async function openDatabaseRequestBox(url: string): Promise<RequestBox> {
  const connections = connectTo(url, { max: 1 });
  try {
    return await named(connections.name, async () => {
      await checkTables(connections);
      return boxIn(connections);
    });
  } catch (error) {
    await connections.close();
    throw error;
  }
}

async function boxIn({ name, query, close }: Connections): Promise<RequestBox> {
  const [watcher] = await query(
    `SELECT last_position, token IS NOT NULL AND expires_at > clock_timestamp() AS is_watched FROM cutover_watch.watcher`,
  );
  const position = Number(watcher?.last_position);
  return {
    isWatched: watcher?.is_watched === true,
    close,
    state: ({ groupId, liveMigrationId }) =>
      named(name, async () => {
        const [row] = await query(
          'SELECT state FROM cutover_watch.migration WHERE group_id = $1 AND live_migration_id = $2',
          [groupId, liveMigrationId],
        );
        return row && readState(row.state);
      }),
    // A request that was left already, with an answer that got lost, is the same one.
    leave: (request) =>
      named(name, async () => {
        await query(
          'INSERT INTO cutover_watch.request (id, request) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
          [request.id, JSON.stringify(request)],
        );
      }),
    answer: (id) =>
      named(name, async () => {
        // One statement sees the request and its answer as of one moment.
        const [row] = await query(
          `SELECT EXISTS (SELECT 1 FROM cutover_watch.request WHERE id = $1) AS is_waiting, (
             SELECT record FROM cutover_watch.event WHERE request_id = $1 AND position > $2
             ORDER BY position LIMIT 1) AS record`,
          [columnOf(id), position],
        );
        if (row?.is_waiting === true) return 'waiting';
        return typeof row?.record === 'string' ? recordOf(row) : undefined;
      }),
  };
}
