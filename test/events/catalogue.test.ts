import { describe, expect, it, test } from 'vitest';
import { catalogue, type EventName } from '../../src/events/catalogue.ts';
import { buildEvent } from '../../src/events/event-record.ts';
import { eventsJsonSchema, lineSchema } from '../../src/events/json-schema.ts';
import { contract } from './contract.ts';
import { eventNames, projectOutage, sampledAt, sampleEvent, sampleFields } from './sample-events.ts';

describe('the catalogue', () => {
  test('has the names of the contract, in its order, and no others', () => {
    const promised = contract.map(([name]) => name).filter((name) => name in catalogue);
    expect(Object.keys(catalogue)).toEqual(promised);
  });

  test.each(contract.filter(([name, level]) => level !== undefined && name in catalogue))(
    '%s has the level %s',
    (name, level) => {
      expect(sampleEvent(name as EventName).level).toBe(level);
    },
  );

  test('has a sample of every event', () => {
    expect(eventNames.toSorted()).toEqual(Object.keys(catalogue).toSorted());
  });
});

describe.each(eventNames)('%s', (name) => {
  const record = sampleEvent(name);

  it('has the fields of every line', () => {
    expect(record).toMatchObject({
      time: '2026-11-23T23:00:00.000Z',
      service: 'cutover-watch',
      event: name,
      ...sampleFields[name],
    });
  });

  it('says a whole sentence', () => {
    expect(record.msg).toMatch(/^\S.*[.)]$/);
    expect(record.msg).not.toMatch(/undefined|NaN|null|\[object/);
  });

  it('matches its schema strictly', () => {
    expect(lineSchema(name).strict().parse(record)).toEqual(record);
  });

  it('does not match its schema with a field more or a wrong level', () => {
    expect(
      lineSchema(name)
        .strict()
        .safeParse({ ...record, surprise: 1 }).success,
    ).toBe(false);
    expect(
      lineSchema(name)
        .strict()
        .safeParse({ ...record, level: 'fatal' }).success,
    ).toBe(false);
  });
});

test.each(eventNames.filter((name) => 'migration' in sampleFields[name]))(
  '%s names the migration in its sentence',
  (name) => {
    expect(sampleEvent(name).msg).toMatch(/^orders /);
  },
);

describe('a sentence', () => {
  const bare = { eventId: '0'.repeat(32), migration: 'bare', groupId: 'g', liveMigrationId: 'l' };
  test.each([
    [
      sampleEvent('migration.first_seen', { lagTimeSeconds: 90 }),
      'orders is watched: WORKING, 1 min 30 s behind, ready for cutover.',
    ],
    [buildEvent('migration.first_seen', bare, sampledAt), 'bare is watched: no status yet.'],
    [
      sampleEvent('migration.ready_for_cutover', { readySinceKnown: false }),
      'orders is ready for cutover. Cut over within 5 d (before Sat 28 Nov 23:00 UTC): Atlas stops synchronizing at about that time, or earlier if it was ready before it was first seen.',
    ],
    [
      sampleEvent('migration.ready_for_cutover', { readySinceKnown: false, deadlineEstimated: false }),
      'orders is ready for cutover. Cut over within 5 d (before Sat 28 Nov 23:00 UTC): Atlas stops synchronizing then.',
    ],
    [
      sampleEvent('migration.completed', { readyForSeconds: 60 }),
      'orders is complete, after 1 d 1 h of watching, 1 min after it became ready.',
    ],
    [
      sampleEvent('watcher.unreachable'),
      "orders can't be read (since Mon 23 Nov 22:58 UTC): Atlas answered 404. Check the ids.",
    ],
    [
      buildEvent(
        'watcher.unreachable',
        {
          ...projectOutage,
          errorType: 'server_error',
          detail: 'HTTP 500.',
          remedy: 'Wait.',
          since: '2026-11-23T22:58:30.000Z',
        },
        sampledAt,
      ),
      "Atlas can't be read for 3 migrations of project 5f7f5f5f5f5f5f5f5f5f5f5f (since Mon 23 Nov 22:58 UTC): HTTP 500. Wait.",
    ],
    [sampleEvent('watcher.recovered'), 'orders can be read again after 1 min 30 s.'],
    [
      buildEvent('watcher.recovered', { ...projectOutage, downSeconds: 240 }, sampledAt),
      'Atlas can be read again for project 5f7f5f5f5f5f5f5f5f5f5f5f after 4 min; 3 migrations were affected.',
    ],
    [
      buildEvent(
        'watcher.recovered',
        { eventId: '0'.repeat(32), scope: 'account', migrations: 3, downSeconds: 240 },
        sampledAt,
      ),
      'Atlas can be read again for the account after 4 min; 3 migrations were affected.',
    ],
    [
      sampleEvent('watcher.overrun', { waiting: 0, underWay: 1 }),
      'Polling is falling behind: 1 poll running, 0 waiting. If polls wait, poll less often, or raise atlas.concurrency or atlas.requestsPerMinute.',
    ],
    [
      sampleEvent('watcher.started', { migrations: 1, resumed: 0 }),
      'Watching 1 migration. Nothing is ready for cutover.',
    ],
    [
      sampleEvent('watcher.started', { httpAddress: 'http://127.0.0.1:9464' }),
      'Watching 2 migrations (1 known from the last run). Nothing is ready for cutover. Status page: http://127.0.0.1:9464',
    ],
    [
      sampleEvent('watcher.settled'),
      'All 2 migrations have ended: 1 complete, 1 failed. Nothing is left to watch.',
    ],
    [
      sampleEvent('watcher.settled', { migrations: 1, statuses: { COMPLETE: 1 } }),
      'The only migration has ended: 1 complete. Nothing is left to watch.',
    ],
    [
      sampleEvent('migration.first_seen', { lagTimeSeconds: -5 }),
      'orders is watched: WORKING, -5 s behind, ready for cutover.',
    ],
    [
      sampleEvent('migration.failed', { gapSeconds: 7_200 }),
      'orders failed. Atlas gives no reason here: look at the migration in the Atlas console. (Not read for 2 h before.)',
    ],
    [
      sampleEvent('migration.cutover_reminder', { lateSeconds: 300 }),
      'orders is still ready for cutover; about 4 d 12 h are left, until Sat 28 Nov 23:00 UTC. (Reported 5 min late.)',
    ],
    [sampleEvent('watcher.recovered', { gapSeconds: 90 }), 'orders can be read again after 1 min 30 s.'],
    [
      sampleEvent('migration.ready_for_cutover', { gapSeconds: 7_200 }),
      'orders is ready for cutover. Cut over within 5 d (before Sat 28 Nov 23:00 UTC): Atlas stops synchronizing at about that time, or up to 2 h earlier. (Not read for 2 h before.)',
    ],
    [
      sampleEvent('migration.ready_for_cutover', { readyAgain: true, windowContinued: true }),
      'orders is ready for cutover again. Cut over within 5 d (before Sat 28 Nov 23:00 UTC): Atlas stops synchronizing at about that time. The window counts from the first time it was ready.',
    ],
    [
      sampleEvent('migration.ready_for_cutover', {
        readyAgain: true,
        windowContinued: true,
        remainingSeconds: -3_600,
      }),
      'orders is ready for cutover again, but its estimated deadline passed 1 h ago (Sat 28 Nov 23:00 UTC). Check in the Atlas console how long the window is, and cut over.',
    ],
    [
      sampleEvent('migration.ready_for_cutover', { remainingSeconds: 20 }),
      'orders is ready for cutover. Cut over within 20 s (before Sat 28 Nov 23:00:00 UTC): Atlas stops synchronizing at about that time.',
    ],
    [
      sampleEvent('migration.hosts_changed', { to: ['vm2.example.com'] }),
      'orders moved to other migration hosts: vm2.example.com.',
    ],
    [
      sampleEvent('watcher.settled', { migrations: 1, statuses: { DISAPPEARED: 1 } }),
      'The only migration has ended: 1 no longer in Atlas. Nothing is left to watch.',
    ],
    [
      sampleEvent('migration.readiness_withdrawn'),
      'orders is no longer ready for cutover, after 1 min 30 s. Do not cut over now.',
    ],
    [
      sampleEvent('migration.readiness_withdrawn', { cutoverMayHaveBegun: true }),
      'orders is no longer ready for cutover, after 1 min 30 s. Atlas reports no lag either, as it does once the cutover has begun. If nobody has begun it, wait until it is ready again.',
    ],
    [
      sampleEvent('migration.cutover_deadline_near', { cutoverMayHaveBegun: true }),
      'orders must be cut over soon unless the cutover has begun, as it seems: about 1 h are left, until Sat 28 Nov 23:00 UTC. Then Atlas stops synchronizing, and it must be restarted from scratch.',
    ],
    [
      sampleEvent('migration.disappeared'),
      'orders is no longer in Atlas, which has answered nothing but 404 for 10 min. It may have been canceled in the console. It is still read every 10 min.',
    ],
    [
      sampleEvent('migration.status_changed', { from: 'DISAPPEARED', to: 'WORKING' }),
      'orders is in Atlas again; its status is WORKING.',
    ],
    [
      sampleEvent('watcher.poll_failed'),
      "orders couldn't be read: Atlas answered 404. Check the ids. It is tried again. Another line follows if it still can't be read after 1 min 30 s.",
    ],
    [
      sampleEvent('watcher.poll_failed', { failures: 2 }),
      "orders couldn't be read (2 failures in a row): Atlas answered 404. Another line follows if it still can't be read after 1 min 30 s.",
    ],
    [
      sampleEvent('watcher.poll_failed', { reportedAfterSeconds: 0 }),
      "orders couldn't be read: Atlas answered 404. Check the ids. It is tried again.",
    ],
    [
      sampleEvent('watcher.poll_failed', { failures: 9, reportedAfterSeconds: undefined }),
      "orders couldn't be read (9 failures in a row): Atlas answered 404.",
    ],
  ])('reads %#', ({ msg }, expected) => {
    expect(msg).toBe(expected);
  });
});

describe('a level that depends on the event', () => {
  test.each([
    ['the first failure of its errorType is a warning', {}, 'warn'],
    ['another one within a minute is for debugging', { repeated: true }, 'debug'],
    ['a fault of the watcher is an error', { errorType: 'internal' }, 'error'],
    ['a repeated fault of the watcher is an error too', { repeated: true, errorType: 'internal' }, 'error'],
  ] as const)('watcher.poll_failed: %s', (_rule, fields, level) => {
    expect(sampleEvent('watcher.poll_failed', fields).level).toBe(level);
  });

  test('watcher.stopping is an error after an internal one', () => {
    expect(sampleEvent('watcher.stopping').level).toBe('info');
    expect(sampleEvent('watcher.stopping', { errorType: 'internal', detail: 'Why.' }).level).toBe('error');
  });
});

test('the JSON Schema lists every event once and demands the fields of every line', () => {
  const schema = eventsJsonSchema() as {
    $schema: string;
    anyOf: { title: string; required: string[]; additionalProperties?: boolean }[];
  };
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.anyOf.map(({ title }) => title)).toEqual(Object.keys(catalogue));
  const common = expect.arrayContaining(['time', 'level', 'service', 'event', 'msg']);
  expect(schema.anyOf.filter(({ additionalProperties }) => additionalProperties === false)).toEqual([]);
  for (const { required } of schema.anyOf) expect(required).toEqual(common);
});
