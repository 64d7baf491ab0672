import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../free-port.ts';
import { foreignFolder, spawnForeign, watcherUser } from './server.ts';

const program = '/usr/sbin/pgbouncer';

/** Whether there is a pooler to test with. */
export const hasPooler = existsSync(program);

/** A pooler before a server, which gives each transaction another one of its connections. */
export interface Pooler {
  /** Returns the URL of a database as seen through the pooler. */
  through(url: string): string;
  close(): Promise<void>;
}

/** Starts a pooler in transaction mode before a server on the loopback, as an unprivileged user. */
export async function startPooler(serverPort: number): Promise<Pooler> {
  const folder = foreignFolder();
  const port = await freePort();
  const { name, password } = watcherUser;
  writeFileSync(join(folder, 'users.txt'), `"${name}" "${password}"\n`);
  const settings = [
    '[databases]',
    `* = host=127.0.0.1 port=${serverPort}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${join(folder, 'users.txt')}`,
    'pool_mode = transaction',
    'default_pool_size = 2',
  ];
  writeFileSync(join(folder, 'pgbouncer.ini'), settings.join('\n'));
  const running = spawnForeign(program, [join(folder, 'pgbouncer.ini')]);
  function through(url: string): string {
    const seen = new URL(url);
    seen.port = String(port);
    return seen.href;
  }
  for (;;) {
    const client = new Client({
      connectionString: through(`postgresql://${name}:${encodeURIComponent(password)}@127.0.0.1/postgres`),
    });
    try {
      await client.connect();
      await client.end();
      break;
    } catch {
      await delay(20);
    }
  }
  return {
    through,
    async close() {
      await running.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
