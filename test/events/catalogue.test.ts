import { describe, expect, it, test } from 'vitest';
import { catalogue, type EventName, eventSchemaVersion } from '../../src/events/catalogue.ts';
import { buildEvent } from '../../src/events/event-record.ts';
import { eventsJsonSchema, lineSchema } from '../../src/events/json-schema.ts';
import { eventNames, sampledAt, sampleEvent, sampleFields } from './sample-events.ts';

/** The table of the contract: names in their order, and the level where it is always the same. */
const contract: readonly (readonly [name: string, level: string | undefined])[] = [
  ['migration.first_seen', 'info'],
  ['migration.status_changed', 'info'],
  ['migration.unknown_status', 'warn'],
  ['migration.ready_for_cutover', 'warn'],
  ['migration.readiness_withdrawn', 'warn'],
  ['migration.cutover_reminder', 'warn'],
  ['migration.cutover_deadline_near', undefined],
  ['migration.cutover_deadline_passed', 'error'],
  ['migration.lag_stalled', 'warn'],
  ['migration.lag_recovered', 'info'],
  ['migration.hosts_changed', 'info'],
  ['migration.completed', 'info'],
  ['migration.failed', 'error'],
  ['migration.expired', 'error'],
  ['migration.disappeared', 'error'],
  ['watcher.started', 'info'],
  ['watcher.unreachable', 'error'],
  ['watcher.recovered', 'info'],
  ['watcher.poll_failed', undefined],
  ['watcher.rate_limited', 'warn'],
  ['watcher.overrun', 'warn'],
  ['watcher.api_deprecated', 'warn'],
  ['watcher.heartbeat', 'info'],
  ['watcher.config_reloaded', 'info'],
  ['watcher.config_rejected', 'error'],
  ['watcher.state_unavailable', 'error'],
  ['watcher.state_recovered', 'info'],
  ['watcher.settled', 'info'],
  ['watcher.stopping', undefined],
  ['watcher.stopped', 'info'],
];

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
  test.each([
    [
      sampleEvent('migration.first_seen', { lagTimeSeconds: 90 }),
      'orders is now watched: WORKING, 1 min 30 s behind, ready for cutover.',
    ],
    [
      buildEvent(
        'migration.first_seen',
        { eventId: '0'.repeat(32), migration: 'bare', groupId: 'g', liveMigrationId: 'l' },
        sampledAt,
      ),
      'bare is now watched: no status yet, not ready for cutover.',
    ],
    [
      sampleEvent('migration.ready_for_cutover', { readySinceKnown: false }),
      'orders is ready for cutover. Cut over before 2026-11-28 23:00 UTC: Atlas stops synchronising at about that time, or earlier, as it may have been ready for a while.',
    ],
    [
      sampleEvent('migration.completed', { readyForSeconds: 60 }),
      'orders is complete, after 1 d 1 h of watching, 1 min after it became ready.',
    ],
    [
      sampleEvent('watcher.unreachable'),
      'orders cannot be read since 2026-11-23 22:58 UTC: Atlas answered 404. Check the ids.',
    ],
    [
      sampleEvent('watcher.started', { migrations: 1, resumed: 0 }),
      'Watching 1 migration, 0 of them from an earlier run.',
    ],
    [
      sampleEvent('watcher.started', { httpAddress: 'http://127.0.0.1:9464' }),
      'Watching 2 migrations, 1 of them from an earlier run; look at http://127.0.0.1:9464.',
    ],
    [
      sampleEvent('watcher.settled'),
      'All 2 migrations are settled: 1 COMPLETE, 1 FAILED. Nothing is left to watch.',
    ],
    [
      sampleEvent('watcher.settled', { migrations: 1, statuses: { COMPLETE: 1 } }),
      'The one migration is settled: 1 COMPLETE. Nothing is left to watch.',
    ],
    [
      sampleEvent('migration.failed', { whileDown: true }),
      'orders failed. Atlas gives no reason here: look at the migration in the Atlas console. (Noticed after a restart.)',
    ],
  ])('reads %#', ({ msg }, expected) => {
    expect(msg).toBe(expected);
  });
});

describe('a level that depends on the event', () => {
  test.each([
    ['the first failures warn', { duringOutage: false }, 'warn'],
    ['failures of what is known to be unreachable are for debugging', { duringOutage: true }, 'debug'],
    ['a fault of the watcher is an error', { duringOutage: false, errorType: 'internal' }, 'error'],
    ['also while unreachable', { duringOutage: true, errorType: 'internal' }, 'error'],
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
  for (const line of schema.anyOf) {
    expect(line.required).toEqual(expect.arrayContaining(['time', 'level', 'service', 'event', 'msg']));
    expect(line.additionalProperties).not.toBe(false);
  }
});

test('the version of the catalogue is a whole number', () => {
  expect(eventSchemaVersion).toBe(1);
});
