import { expect, test } from 'vitest';
import { type Action, initialState, type PageState, reduce } from '../../src/page/state.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { start } from '../watch/sample-migrations.ts';

const first = initialState({ filter: { search: '', labels: [] } }, undefined);
const after = (...actions: readonly Action[]): PageState => actions.reduce(reduce, first);
const unchanged: Action = { type: 'list', list: undefined, pollSeconds: undefined, at: start };
const eventAt = (second: number, eventId: string | undefined) => ({
  ...sampleEvent('migration.first_seen'),
  eventId,
  time: new Date(start + second * 1000).toISOString(),
});

test('each recorded event is kept once, in the order of time, and one that is not recorded is not', () => {
  const { events, eventsLoaded } = after(
    { type: 'events', records: [eventAt(3, 'c'), eventAt(4, undefined)] },
    { type: 'events', records: [eventAt(1, 'a'), eventAt(3, 'c')], isCatchUp: true },
  );
  expect(events.map(({ eventId }) => eventId)).toEqual(['a', 'c']);
  expect(eventsLoaded).toBe(true);
});

test('a lost connection keeps its first moment, and its return counts as one', () => {
  const lost = after(
    unchanged,
    { type: 'lost', lastHeardAt: start },
    { type: 'lost', lastHeardAt: start + 9_000 },
  );
  expect(lost.connection).toEqual({ state: 'lost', since: start });
  expect(lost.reconnects).toBe(0);
  const back = reduce(lost, unchanged);
  expect(back.connection.state).toBe('connected');
  expect(back.reconnects).toBe(1);
});
