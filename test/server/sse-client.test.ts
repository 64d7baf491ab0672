import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StreamedEvent } from '../../src/server/sse-client.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { serve } from './served.ts';
import { readStream } from './stream-reader.ts';

const idOf = (number: number) => String(number).padStart(32, '0');
const event = (number: number) => sampleEvent('migration.first_seen', { eventId: idOf(number) });

test.each([
  ['at once', 0],
  ['later', 5],
])(
  'events found while a client catches up reach it once and in order, with a store that answers %s',
  async (_, delayMs) => {
    const records = Array.from({ length: 250 }, (__, n) => event(n));
    let reads = 0;
    let broadcast: ((news: readonly StreamedEvent[]) => void) | undefined;
    const add = (): void => {
      const record = event(records.length);
      records.push(record);
      broadcast?.([{ record, resumable: true }]);
    };
    const served = await serve({
      store: {
        samples: () => Promise.resolve([]),
        latestSamples: () => Promise.resolve([]),
        latestEvents: () => Promise.resolve([]),
        eventsFrom: () => Promise.resolve([]),
        eventsNamed: (_names, position) => Promise.resolve({ entries: [], searchedTo: position }),
        eventsAfter: async (id, limit) => {
          reads += 1;
          const from = records.findIndex(({ eventId }) => eventId === id) + 1;
          // One event is stored before the store reads, and one after it.
          if (reads < 5) add();
          const page = records.slice(from, from + limit);
          if (reads < 5) add();
          if (delayMs > 0) await delay(delayMs);
          return page;
        },
      },
    });
    broadcast = (news) => served.streams.broadcast(news);
    const reader = await readStream(served.server.origin, { 'last-event-id': idOf(0) });
    await reader.until(({ type }) => type === 'watcher');
    add();
    await reader.until(({ data }) => data.eventId === records.at(-1)?.eventId);
    const ids = reader.messages.filter(({ type }) => type === 'message').map(({ id }) => id);
    expect(ids).toEqual(records.slice(1).map(({ eventId }) => eventId));
  },
);
