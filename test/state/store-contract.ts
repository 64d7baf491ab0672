import { describe, expect, it } from 'vitest';
import { type LagSample, type RecordedSample, StateError, type Store } from '../../src/state/store.ts';
import {
  accountOutage,
  batchOf,
  commitEvents,
  eventOf,
  hour,
  keyOf,
  minute,
  orders,
  positionOf,
  projectOutage,
  recordedState,
  scopeEvent,
  start,
  stateWith,
} from './sample-change.ts';

/** Any number: more than a test stores. */
const many = 1_000;

/** Returns the sample of the minute `n`. */
function at(n: number, lagTimeSeconds = n): LagSample {
  return { observedAt: start + n * minute, lagTimeSeconds };
}

/** Returns samples of these lags, one a minute. */
function samplesAt(begin: number, lags: readonly number[]): readonly RecordedSample[] {
  return lags.map((lagTimeSeconds, n) => ({ ...orders, observedAt: begin + n * minute, lagTimeSeconds }));
}

/**
 * Describes what every store does. `open` opens an empty one of its own for each test, which ends with it; what a store
 * keeps after it was closed is up to its own tests.
 */
export function describeStore(name: string, open: () => Store | Promise<Store>): void {
  describe(`${name}, as a store,`, () => {
    it('has nothing at first', async () => {
      const store = await open();
      expect(await store.states([orders])).toEqual([]);
      expect(await store.outages()).toEqual([]);
      expect(await positionOf(store, 'stdout')).toBe(0);
      expect(await store.eventsFrom(1, many)).toEqual([]);
      expect(await store.eventsAfter(undefined, many)).toEqual([]);
      expect(await store.latestEvents(many)).toEqual([]);
      expect(await store.samples(orders, 0)).toEqual([]);
      expect(await store.requests()).toEqual([]);
    });

    it('returns the latest state of those migrations that it knows', async () => {
      const store = await open();
      await store.commit(batchOf({ states: [recordedState('NEW'), recordedState('NEW', keyOf(1))] }));
      await store.commit(batchOf({ states: [recordedState('WORKING')] }));
      expect(await store.states([orders, keyOf(2)])).toEqual([{ ...orders, state: stateWith('WORKING') }]);
      expect(await store.states([keyOf(1)])).toEqual([{ ...keyOf(1), state: stateWith('NEW') }]);
    });

    it('keeps an outage of a scope until it is removed', async () => {
      const store = await open();
      const key = `project:${orders.groupId}` as const;
      await store.commit(
        batchOf({
          outages: [
            { key: 'account', outage: accountOutage },
            { key, outage: projectOutage },
          ],
        }),
      );
      const later = { ...accountOutage, reportedAt: start + hour };
      await store.commit(batchOf({ outages: [{ key: 'account', outage: later }] }));
      expect(await store.outages()).toEqual([later, projectOutage]);
      await store.commit(batchOf({ outages: [{ key: 'account', outage: undefined }] }));
      expect(await store.outages()).toEqual([projectOutage]);
    });

    it('keeps a cursor for each sink', async () => {
      const store = await open();
      await commitEvents(store, eventOf('a'), eventOf('b'), eventOf('c'), eventOf('d'));
      await store.commit(batchOf({ cursors: [{ sink: 'stdout', position: 3 }] }));
      await store.commit(batchOf({ cursors: [{ sink: 'webhook', position: 1 }] }));
      await store.commit(batchOf({ cursors: [{ sink: 'stdout', position: 4 }] }));
      expect([await positionOf(store, 'stdout'), await positionOf(store, 'webhook')]).toEqual([4, 1]);
    });

    it('has no cursor beyond the end of its log: what is recorded next would never be delivered', async () => {
      const store = await open();
      await commitEvents(store, eventOf('a'));
      await store.commit(batchOf({ cursors: [{ sink: 'stdout', position: 7 }] }));
      expect(await positionOf(store, 'stdout')).toBe(1);
    });

    it('gives events positions that grow in the order of commits, one after the other in a batch', async () => {
      const store = await open();
      const first = await commitEvents(store, eventOf('a'), eventOf('b'));
      const second = await commitEvents(store, eventOf('c'), eventOf('d'), eventOf('e'));
      const entries = [...first, ...second];
      expect(first[0]?.position).toBeGreaterThan(0);
      expect(second[0]?.position).toBeGreaterThan(first[1]?.position ?? 0);
      expect(await store.eventsFrom(0, many)).toEqual(entries);
      expect(await store.eventsFrom(second[1]?.position ?? 0, many)).toEqual(entries.slice(3));
      expect(await store.eventsFrom(0, 2)).toEqual(entries.slice(0, 2));
    });

    it('finds events by their names in one part of the log after the other', async () => {
      const store = await open();
      const wanted = ['watcher.unreachable'] as const;
      expect(await store.eventsNamed(wanted, 0, many)).toEqual({ entries: [], searchedTo: 0 });
      const entries = await commitEvents(store, eventOf('a'), scopeEvent('b'), eventOf('c'), scopeEvent('d'));
      const [, second, third, fourth] = entries;
      const position = third?.position ?? 0;
      expect(await store.eventsNamed(wanted, 0, 3)).toEqual({ entries: [second], searchedTo: position });
      const end = fourth?.position ?? 0;
      expect(await store.eventsNamed(wanted, position, 3)).toEqual({ entries: [fourth], searchedTo: end });
      expect(await store.eventsNamed(wanted, end, 3)).toEqual({ entries: [], searchedTo: end });
      expect((await store.eventsNamed([], 0, many)).searchedTo).toBe(end);
    });

    it('reports where the events of a batch are, and nothing where it has none', async () => {
      const store = await open();
      const result = await store.commit(batchOf({ events: [eventOf('a'), eventOf('b')] }));
      const [first, last] = await store.eventsFrom(0, many);
      expect(result).toEqual({
        replaced: false,
        positions: { first: first?.position, last: last?.position },
      });
      expect(await store.commit(batchOf({ states: [recordedState()] }))).toEqual({ replaced: false });
      expect(await store.commit(batchOf())).toEqual({ replaced: false });
    });

    it('returns the events after one of them, or from the first, and none after an unknown one', async () => {
      const store = await open();
      const events = ['a', 'b', 'c'].map((id) => eventOf(id));
      await commitEvents(store, ...events);
      expect(await store.eventsAfter(undefined, 2)).toEqual(events.slice(0, 2));
      expect(await store.eventsAfter('a', many)).toEqual(events.slice(1));
      expect(await store.eventsAfter('a', 1)).toEqual(events.slice(1, 2));
      expect(await store.eventsAfter('c', many)).toEqual([]);
      expect(await store.eventsAfter('x', many)).toBeUndefined();
    });

    it('returns the latest events of all or of one migration, with those of its project and the account', async () => {
      const store = await open();
      const events = [
        eventOf('own'),
        eventOf('of another migration', keyOf(1)),
        scopeEvent('of its project', orders.groupId),
        scopeEvent('of another project', 'f'.repeat(24)),
        scopeEvent('of the account'),
        eventOf('own again'),
        eventOf('same id, another project', { ...orders, groupId: 'f'.repeat(24) }),
      ];
      await commitEvents(store, ...events);
      const covering = [0, 2, 4, 5].map((index) => events[index]);
      expect(await store.latestEvents(many)).toEqual(events);
      expect(await store.latestEvents(2)).toEqual(events.slice(-2));
      expect(await store.latestEvents(many, orders)).toEqual(covering);
      expect(await store.latestEvents(2, orders)).toEqual(covering.slice(-2));
      expect(await store.latestEvents(many, keyOf(9, 'e'.repeat(24)))).toEqual([events[4]]);
    });

    it('returns lag samples since a moment, in order, one a moment: the first or the latest of them', async () => {
      const store = await open();
      const samples = [3, 0, 2, 1].map((n) => ({ observedAt: start + n * minute, lagTimeSeconds: n }));
      const recorded = samples.map((sample) => ({ ...orders, ...sample }));
      await store.commit(batchOf({ states: [recordedState()], samples: recorded }));
      await store.commit(
        batchOf({ samples: [{ ...orders, observedAt: start + minute, lagTimeSeconds: 9 }] }),
      );
      expect(await store.samples(orders, 0)).toEqual([at(0), at(1, 9), at(2), at(3)]);
      expect(await store.samples(orders, start + minute, 2)).toEqual([at(1, 9), at(2)]);
      expect(await store.latestSamples(orders, start, 2)).toEqual([at(2), at(3)]);
      expect(await store.samples(keyOf(1), 0)).toEqual([]);
    });

    it('stores all of a batch or nothing, and rejects a mistake of the program as it is', async () => {
      const store = await open();
      const parts = {
        states: [recordedState()],
        outages: [{ key: 'account', outage: accountOutage }],
        events: [eventOf('a')],
        cursors: [{ sink: 'stdout', position: 1 }],
      } as const;
      const broken = { ...orders, observedAt: start, lagTimeSeconds: Number.NaN };
      const error: unknown = await store
        .commit(batchOf({ ...parts, samples: [broken] }))
        .catch((cause) => cause);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(StateError);
      expect(await store.states([orders])).toEqual([]);
      expect(await store.outages()).toEqual([]);
      expect(await store.latestEvents(many)).toEqual([]);
      expect(await positionOf(store, 'stdout')).toBe(0);
      expect(await store.commit(batchOf(parts))).toMatchObject({ replaced: false });
    });

    it('returns the latest samples of many migrations, and the first one after each moment, each once', async () => {
      const store = await open();
      const other = keyOf(1);
      await store.commit(
        batchOf({
          states: [recordedState(), recordedState('NEW', other)],
          samples: [...samplesAt(start, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), { ...other, ...at(3) }],
        }),
      );
      const moments = [0.5, 0.7, 4, 9].map((n) => start + n * minute);
      const found = await store.samplesOfMany([orders, other, keyOf(2)], {
        since: start,
        latest: 2,
        moments,
      });
      expect([...found.values()]).toEqual([[at(1), at(4), at(8), at(9)], [at(3)], []]);
      expect(await store.samplesOfMany([], { since: 0, latest: 2, moments })).toEqual(new Map());
    });

    it('leaves one sample for ten minutes after a day, with the range of all, and none after thirty days', async () => {
      const store = await open();
      const now = start + 31 * 24 * hour;
      const lags = [5, 9, 7, 4, 6, 8, 2, 3, 5, 4];
      const samples = [
        ...samplesAt(start, lags),
        ...samplesAt(now - 48 * hour, lags),
        ...samplesAt(now - 48 * hour + hour, [1]),
        ...samplesAt(now - 2 * hour, lags),
      ];
      await store.commit(batchOf({ states: [recordedState()], samples }));
      for (let call = 0; call < 5; call += 1) await store.maintain(now);
      expect(await store.samples(orders, 0)).toEqual([
        { observedAt: now - 48 * hour + 9 * minute, lagTimeSeconds: 4, lowest: 2, highest: 9 },
        { observedAt: now - 47 * hour, lagTimeSeconds: 1 },
        ...lags.map((lagTimeSeconds, n) => ({ observedAt: now - 2 * hour + n * minute, lagTimeSeconds })),
      ]);
    });
  });
}
