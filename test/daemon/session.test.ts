import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { Session, type SessionSettings } from '../../src/daemon/session.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import { BODY, ID, KEY, listen } from '../atlas/connect.ts';
import { startSimulator } from '../atlas/simulated-service-account.ts';
import { namesOf } from '../watch/sample-migrations.ts';

async function settingsFor(baseUrl: string, timeout: string): Promise<SessionSettings> {
  const text = JSON.stringify({
    atlas: { baseUrl, pollTimeout: timeout, requestTimeout: timeout },
    state: { path: ':memory:' },
    migrations: [ID],
  });
  const result = await loadConfig({ file: 'test', env: {}, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(result.problems.join(' '));
  return { config: result.config, credentials: { type: 'apiKey', ...KEY } };
}

function watchingWith(settings: SessionSettings) {
  const events: EventRecord[] = [];
  const output = { stuck: false };
  const store = openStore(':memory:');
  const write = (event: EventRecord): boolean => !output.stuck && events.push(event) > 0;
  const ledger = new Ledger(store, write, settings.config.migrations);
  const watching = new Session(settings, {
    ledger,
    emit: (record) => ledger.say(record),
    redactor: new Redactor(),
    version: 'test',
    now: Date.now,
    onSettled: () => {},
    onFault: (fault) => {
      throw fault;
    },
    onRefused: () => {},
  });
  onTestFinished(async () => {
    await watching.stop(0);
    store.close();
  });
  return { watching, events, output };
}

it('a poll under way keeps its connection for its own time, however short that of two reloads after it is', async () => {
  const held: ServerResponse[] = [];
  const { baseUrl, server } = await listen((_request, response) => held.push(response));
  const { watching, events } = watchingWith(await settingsFor(baseUrl, '10s'));
  const round = watching.round();
  await once(server, 'request');
  watching.reconfigure(await settingsFor(baseUrl, '200ms'));
  watching.reconfigure(await settingsFor(baseUrl, '100ms'));
  await delay(600);
  held[0]?.writeHead(200).end(JSON.stringify(BODY));
  await round;
  expect(namesOf(events)).toEqual(['migration.first_seen']);
});

it('a change of how hard to ask keeps the sign-in; one of where to ask does not', async () => {
  const account = { clientId: 'mdb_sa_id_12', clientSecret: 'mdb_sa_sk_s3cr3t' };
  const simulator = await startSimulator(account, Date.now);
  const { config } = await settingsFor(simulator.baseUrl, '10s');
  const credentials = { type: 'serviceAccount', ...account } as const;
  const { watching } = watchingWith({ config, credentials });
  const change = (atlas: Partial<SessionSettings['config']['atlas']>, retry = config.retry) => {
    watching.reconfigure({ config: { ...config, atlas: { ...config.atlas, ...atlas }, retry }, credentials });
    return poll();
  };
  const { watcher } = watching;
  const poll = () => Promise.all([watcher.round(0, 'default'), watcher.round(0, 'approaching')]);
  await poll();
  await change({ requestsPerMinute: 50 });
  await change({ concurrency: 2 });
  await change({ pollTimeout: 20_000, apiVersion: 'v2' }, { ...config.retry, attempts: 7 });
  expect(simulator.counts.byStatus[200]).toBeGreaterThanOrEqual(4);
  expect(simulator.tokenCounts).toMatchObject({ token: 1, revoke: 0 });
  await change({ requestTimeout: 5_000 });
  expect(simulator.tokenCounts).toMatchObject({ token: 2 });
  await watching.stop(0);
  expect(simulator.tokenCounts).toMatchObject({ revoke: 2 });
});

it('a heartbeat says how many lines were not read in time', async () => {
  const settings = await settingsFor('http://127.0.0.1:9', '100ms');
  const { watching, events, output } = watchingWith(settings);
  output.stuck = true;
  for (let n = 0; n < 102; n += 1) watching.watcher.beat();
  output.stuck = false;
  watching.watcher.beat();
  expect(events[0]).not.toHaveProperty('droppedLines');
  expect(events.at(-1)).toMatchObject({ event: 'watcher.heartbeat', droppedLines: 2 });
});
