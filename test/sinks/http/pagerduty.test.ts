import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildEvent, type EventRecord } from '../../../src/events/event-record.ts';
import { messagesFor } from '../../../src/sinks/http/http-sender.ts';
import { isSelected } from '../../../src/sinks/selection.ts';
import type { Known } from '../../../src/sinks/sender.ts';
import { playFleet } from '../../events/page/fleet-story.ts';
import { type Reply, scriptedWatching } from '../../events/page/scripted-watching.ts';
import {
  eventNames,
  projectOutage,
  sampledAt,
  sampleEvent,
  sampleFields,
} from '../../events/sample-events.ts';
import { hour, minute } from '../../watch/sample-migrations.ts';
import { routingKey, sinkSettings } from '../receivers.ts';
import { IncidentDesk } from './incident-desk.ts';

const settings = sinkSettings('pagerduty');
const inTime: Known = { now: sampledAt };

/** Sends what is selected of these events, each at once. */
function deliver(desk: IncidentDesk, records: readonly EventRecord[], sink = settings): void {
  for (const record of records)
    if (isSelected(sink, record))
      for (const { body } of messagesFor(sink, record, { now: Date.parse(record.time) })) desk.take(body);
}

function bodiesOf(record: EventRecord, known: Known = inTime) {
  return messagesFor(settings, record, known).map(({ body }) => JSON.parse(body));
}

test('a trigger says what, where, how urgent, since when and all else there is', () => {
  expect(bodiesOf(sampleEvent('migration.cutover_deadline_near'), { ...inTime, title: 'prod' })).toEqual([
    {
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: 'cutover-watch/readiness/5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d0',
      client: 'prod',
      payload: {
        summary:
          'orders must be cut over soon: about 1 h are left, until Sat 28 Nov 23:00 UTC. Then Atlas stops synchronizing, and it must be restarted from scratch.',
        source: 'prod',
        severity: 'critical',
        timestamp: '2026-11-23T23:00:00.000Z',
        component: 'orders',
        group: '5f7f5f5f5f5f5f5f5f5f5f5f',
        class: 'migration.cutover_deadline_near',
        custom_details: expect.objectContaining({ labels: { team: 'payments' }, threshold: '1h' }),
      },
    },
  ]);
});

test('what resolves or acknowledges has no more than its key', () => {
  expect(bodiesOf(sampleEvent('migration.readiness_withdrawn'))).toEqual([
    {
      routing_key: routingKey,
      event_action: 'resolve',
      dedup_key: 'cutover-watch/readiness/5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d0',
    },
  ]);
});

test('a late trigger says so first, and calls nobody for a readiness that is over', () => {
  const now = sampledAt + 3 * hour;
  const record = sampleEvent('migration.ready_for_cutover');
  expect(bodiesOf(record, { now, window: { deadline: now + hour, estimated: false } })[0]).toMatchObject({
    event_action: 'trigger',
    payload: { summary: expect.stringMatching(/^This message is 3 h late: .* Now 1 h are left/) },
  });
  expect(bodiesOf(record, { now, window: 'ended' })).toMatchObject([{ event_action: 'resolve' }]);
});

function keyOf(record: EventRecord, title?: string): unknown {
  return bodiesOf(record, { ...inTime, title })[0].dedup_key;
}

test('the keys of outages follow from their scope, and two accounts differ by the name of their watcher', () => {
  const { migration: _m, liveMigrationId: _l, groupId: _g, ...rest } = sampleEvent('watcher.unreachable');
  expect([
    keyOf(sampleEvent('watcher.unreachable')),
    keyOf({ ...rest, ...projectOutage }),
    keyOf({ ...rest, scope: 'account' }),
    keyOf({ ...rest, scope: 'account' }, 'prod'),
  ]).toEqual([
    'cutover-watch/outage/5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d0',
    'cutover-watch/outage/5f7f5f5f5f5f5f5f5f5f5f5f',
    'cutover-watch/outage/cutover-watch',
    'cutover-watch/outage/prod',
  ]);
});

function about(name: 'watcher.sink_unavailable' | 'watcher.sink_recovered', sink: string): EventRecord {
  return sampleEvent(name, { sink });
}

test('a receiver that fails is an incident of its own, until it recovers', () => {
  const desk = new IncidentDesk();
  const sink = sinkSettings('pagerduty', { name: 'pager' });
  deliver(desk, [about('watcher.sink_unavailable', 'chat'), about('watcher.sink_unavailable', 'mail')], sink);
  deliver(desk, [about('watcher.sink_recovered', 'chat'), about('watcher.sink_unavailable', 'pager')], sink);
  expect(desk.open.map(({ key }) => key)).toEqual(['cutover-watch/receiver/mail/cutover-watch']);
});

test('a key and a summary that would be too long keep their limits', () => {
  const record = buildEvent(
    'migration.ready_for_cutover',
    {
      ...sampleFields['migration.ready_for_cutover'],
      migration: 'ö😀'.repeat(1_500),
      groupId: 'g'.repeat(300),
    },
    sampledAt,
  );
  const desk = new IncidentDesk();
  deliver(desk, [record, { ...record, event: 'migration.readiness_withdrawn' }]);
  expect(desk.incidents).toMatchObject([{ state: 'resolved' }]);
});

test('every event, selected or not, becomes requests that PagerDuty takes', () => {
  const desk = new IncidentDesk();
  for (const name of eventNames)
    for (const { body } of messagesFor(settings, sampleEvent(name), inTime)) desk.take(body);
  expect(desk.incidents.length).toBeGreaterThan(5);
});

test('an incident is not triggered by an event that is not chosen, only resolved', () => {
  const desk = new IncidentDesk();
  const sink = sinkSettings('pagerduty', { events: ['migration.ready_for_cutover'] });
  deliver(desk, [sampleEvent('migration.ready_for_cutover'), sampleEvent('migration.failed')], sink);
  expect(desk.incidents).toMatchObject([{ state: 'resolved', triggers: 1 }]);
});

function working(lagTimeSeconds: number, readyForCutover: boolean): Reply {
  return {
    status: 200,
    headers: {},
    body: JSON.stringify({ status: 'WORKING', readyForCutover, lagTimeSeconds }),
  };
}

describe('over the whole story of', () => {
  beforeEach(() => {
    const start = Date.UTC(2026, 10, 23, 8, 0, 0);
    vi.useFakeTimers({ now: start, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a migration that completes, each readiness is one incident, and none stays open', async () => {
    const orders = {
      name: 'orders',
      groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
      liveMigrationId: '7e68e12770616e75e6df43d0',
      labels: {},
    };
    const records: EventRecord[] = [];
    const { begin, end, say, ask, now, watch, skip } = await scriptedWatching([orders], (record) =>
      records.push(record),
    );
    say(orders, working(3_600, false));
    const ended = begin();
    await watch(45);
    ask(orders, { command: 'plan', at: now() + 10 * minute, durationMs: minute });
    await watch();
    say(orders, working(5, true));
    await skip(30);
    ask(orders, { command: 'ack', until: now() + 5 * hour });
    await watch(2);
    say(orders, working(50, false));
    await watch(2);
    say(orders, working(2_000, true));
    await watch(14);
    await skip(80);
    say(orders, { status: 503, headers: {}, body: '' });
    await watch(4);
    say(orders, { status: 200, headers: {}, body: JSON.stringify({ status: 'COMPLETE' }) });
    await watch(2);
    await Promise.all([end(), ended]);

    const desk = new IncidentDesk();
    let acknowledged = 0;
    for (const record of records) {
      deliver(desk, [record]);
      expect(desk.open.filter(({ key }) => key.includes('/readiness/')).length).toBeLessThan(2);
      acknowledged += desk.open.filter(({ state }) => state === 'acknowledged').length;
    }
    const kinds = desk.incidents.map(({ key }) => key.split('/')[1]);
    expect(kinds.filter((kind) => kind === 'readiness')).toHaveLength(2);
    expect(new Set(kinds)).toEqual(new Set(['stall', 'plan', 'readiness', 'outage']));
    expect(acknowledged).toBeGreaterThan(0);
    expect(desk.open).toEqual([]);
  });

  test('five migrations, only the ends that need somebody stay open', async () => {
    const records: EventRecord[] = [];
    await playFleet((record) => records.push(record));
    const desk = new IncidentDesk();
    deliver(
      desk,
      records.filter(({ eventId }) => eventId !== undefined),
    );
    expect(desk.open.map(({ key, summary }) => [key.split('/')[1], summary.split(' ')[0]])).toEqual([
      ['event', 'search-index'],
      ['end', 'billing'],
      ['end', 'sessions'],
      ['end', 'orders'],
    ]);
    const readiness = records.filter(({ event }) => event === 'migration.ready_for_cutover');
    expect(desk.incidents.filter(({ key }) => key.includes('/readiness/'))).toHaveLength(readiness.length);
  });
});
