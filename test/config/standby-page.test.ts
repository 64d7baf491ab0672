import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { databaseFault } from '../../src/config/database-address.ts';
import { loadConfig } from '../../src/config/load.ts';
import { catalogue } from '../../src/events/catalogue.ts';
import { openSharedStore } from '../../src/state/postgres/store.ts';
import { describeWithPostgres } from '../postgres/databases.ts';
import { unknownMetrics } from './metrics.ts';

const page = readFileSync(new URL('../../config/standby.md', import.meta.url), 'utf8');
const alerts = readFileSync(new URL('../../config/prometheus/alerts.yaml', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^ *\`\`\`${language}\\n([^\`]*?)^ *\`\`\``, 'gm'))].map(([, text = '']) =>
    text.replaceAll(/^ {3}/gm, ''),
  );
const [, address = ''] = /^ *(postgresql:\S+)$/m.exec(page) ?? [];

test('config/standby.md has an address and a configuration that are taken', async () => {
  expect(databaseFault(address)).toBeUndefined();
  const [yaml = ''] = blocks('yaml');
  const migrations = `migrations: [${'5f'.repeat(12)}/${'7e'.repeat(12)}]\n`;
  const readFile = () => Promise.resolve(yaml + migrations);
  const loaded = await loadConfig({ file: 'cutover-watch.yaml', env: {}, readFile });
  expect(loaded).toMatchObject({
    ok: true,
    config: { state: { urlFile: '/etc/cutover-watch/state-url', lease: 30_000 } },
  });
});

test('config/standby.md names events, metrics and alerts that exist', () => {
  const events = [...page.matchAll(/`((?:watcher|migration)\.\w+)/g)].map(([, name = '']) => name);
  expect(events.filter((name) => !Object.hasOwn(catalogue, name) && name !== 'watcher.problems')).toEqual([]);
  expect(unknownMetrics(page.replaceAll(/-- .*|cutover_watch(?=[ :@;?`])/g, ''))).toEqual([]);
  for (const [, alert] of page.matchAll(/`(CutoverWatch\w+)`/g))
    expect(alerts).toContain(`alert: ${alert}\n`);
});

describeWithPostgres('config/standby.md', (databases) => {
  test('its statements make a database and a user with which a watcher can begin', async () => {
    const statements = (blocks('sql')[0] ?? '').trim().split(/;\n?/).filter(Boolean);
    expect(statements).toHaveLength(2);
    for (const statement of statements) await databases.server.run(statement);
    const url = new URL(address);
    url.search = '';
    url.host = `127.0.0.1:${databases.server.port}`;
    const store = await openSharedStore(url.href, 30_000);
    try {
      expect(await store.lease.take()).toMatchObject({ taken: true, epoch: 1, after: 'free' });
    } finally {
      await store.close();
    }
  });
});
