import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { Watching, type WatchSettings } from '../../src/daemon/watching.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import { BODY, ID, KEY, listen } from '../atlas/connect.ts';
import { namesOf } from '../watch/orders.ts';

async function settingsFor(baseUrl: string, timeout: string): Promise<WatchSettings> {
  const text = JSON.stringify({
    atlas: { baseUrl, pollTimeout: timeout, requestTimeout: timeout },
    state: { path: ':memory:' },
    migrations: [ID],
  });
  const result = await loadConfig({ file: 'test', env: {}, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(result.problems.join(' '));
  return { config: result.config, credentials: { type: 'apiKey', ...KEY } };
}

function watchingWith(settings: WatchSettings) {
  const events: EventRecord[] = [];
  const emit = (event: EventRecord): boolean => events.push(event) > 0;
  const store = openStore(':memory:');
  const watching = new Watching(settings, {
    ledger: new Ledger(store, emit, settings.config.migrations),
    emit,
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
  return { watching, events };
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
