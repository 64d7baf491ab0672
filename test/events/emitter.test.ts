import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createEmitter, type EmitterOptions, type WriteEvent } from '../../src/events/emitter.ts';
import { eventsJsonSchema } from '../../src/events/json-schema.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { maxLineBytes } from '../../src/events/truncate.ts';
import { CollectingOutput } from './collecting-output.ts';
import { eventNames, sampleEvent, sampleFields } from './sample-events.ts';

function emitterTo(
  output: CollectingOutput,
  { format = 'json', level = 'debug', redactor = new Redactor(), isUnfenced }: Partial<EmitterOptions> = {},
): WriteEvent {
  return createEmitter({ output, format, level, redactor, isUnfenced });
}

const formats = ['json', 'ecs'] as const;

describe.each(formats)('in %s format', (format) => {
  it.each(eventNames)('%s is one JSON object on one line', (name) => {
    const output = new CollectingOutput();
    expect(emitterTo(output, { format })(sampleEvent(name))).toBe(true);
    expect(output.lines).toHaveLength(1);
    expect(output.lines[0]).toMatch(/^\{[^\n]*\}\n$/);
    expect(output.records).toHaveLength(1);
  });

  it('a line that another watcher may report too says so, while that is so', () => {
    const output = new CollectingOutput();
    let isUnfenced = true;
    const write = emitterTo(output, { format, isUnfenced: () => isUnfenced });
    write(sampleEvent('migration.completed'));
    isUnfenced = false;
    write(sampleEvent('migration.completed'));
    const marks = output.records.map((record) =>
      format === 'ecs' ? (record.cutover_watch as { unfenced?: unknown }).unfenced : record.unfenced,
    );
    expect(marks).toEqual([true, undefined]);
  });

  it('remote text cannot break the line or be taken for a format', () => {
    const output = new CollectingOutput();
    const detail = 'a\nb\r\u2028 %s %d %j "quoted" \\ {}';
    emitterTo(output, { format })(sampleEvent('watcher.poll_failed', { detail }));
    expect(output.lines[0]).toMatch(/^[^\n]*\n$/);
    const record = output.records[0] ?? {};
    expect(record.detail ?? record['error.message']).toBe(detail);
    expect(record.msg ?? record.message).toContain(detail);
  });

  it('no line is longer than 8 KiB', () => {
    const length = fc.integer({ min: 7_000, max: 9_000 });
    const unit = fc.constantFrom('x', 'ü', '😀', '"', '\u0000');
    fc.assert(
      fc.property(length, unit, (bytes, character) => {
        const output = new CollectingOutput();
        const size = Buffer.byteLength(JSON.stringify(character)) - 2;
        const remedy = character.repeat(Math.floor(bytes / size));
        emitterTo(output, { format })({ ...sampleEvent('watcher.unreachable'), remedy });
        expect(Buffer.byteLength(output.lines.join(''))).toBeLessThanOrEqual(maxLineBytes);
      }),
      { numRuns: 300 },
    );
  });

  it('a line that is cut stays valid and says so', () => {
    const output = new CollectingOutput();
    const migrationHosts = Array.from({ length: 50 }, (_, index) => `${index}${'ü'.repeat(250)}`);
    emitterTo(output, { format })(
      sampleEvent('watcher.unreachable', { migrationHosts, detail: 'd'.repeat(9_000) }),
    );
    expect(Buffer.byteLength(output.lines.join(''))).toBeLessThanOrEqual(maxLineBytes);
    expect(output.lines[0]).toContain('… [cut]');
    expect(JSON.stringify(output.records[0])).toContain('0123456789abcdef0123456789abcdef');
  });

  it('a secret is in no byte of a line', () => {
    const secret = 'p@ss/word+1234';
    const redactor = new Redactor();
    redactor.register(secret);
    const output = new CollectingOutput();
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    for (const form of forms)
      emitterTo(output, { format, redactor })(
        sampleEvent('watcher.poll_failed', {
          detail: `saw ${form}`,
          labels: { [form]: form },
          migrationHosts: [form],
          errorCode: form,
        }),
      );
    expect(output.lines).toHaveLength(3);
    for (const form of forms) expect(output.lines.join('')).not.toContain(form);
    expect(output.lines.join('')).toContain('[redacted]');
  });
});

describe('in json format', () => {
  it.each(eventNames)('%s is written as it was built', (name) => {
    const output = new CollectingOutput();
    emitterTo(output)(sampleEvent(name));
    expect(output.records).toEqual([sampleEvent(name)]);
  });

  it('every line has only fields that the JSON Schema lists', () => {
    const schema = eventsJsonSchema() as { anyOf: { title: string; properties: object }[] };
    for (const name of eventNames) {
      const properties = schema.anyOf.find(({ title }) => title === name)?.properties ?? {};
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(sampleEvent(name))));
    }
  });
});

describe('in ecs format', () => {
  it('what happened has the field names of ECS, and the rest is kept', () => {
    const output = new CollectingOutput();
    const record = sampleEvent('watcher.unreachable');
    emitterTo(output, { format: 'ecs' })(record);
    const { migration, groupId, liveMigrationId, status, readyForCutover, lagTimeSeconds } =
      sampleFields['watcher.unreachable'];
    const { migrationHosts, observedAt, previous, remedy, scope, since, failures } =
      sampleFields['watcher.unreachable'];
    expect(output.records).toEqual([
      {
        '@timestamp': '2026-11-23T23:00:00.000Z',
        'ecs.version': '9.4.0',
        'log.level': 'error',
        message: record.msg,
        'service.name': 'cutover-watch',
        'event.dataset': 'cutover-watch.events',
        'event.kind': 'event',
        'event.action': 'watcher.unreachable',
        'event.id': '0123456789abcdef0123456789abcdef',
        'event.outcome': 'failure',
        labels: { team: 'payments' },
        'error.type': 'not_found',
        'error.code': 'RESOURCE_NOT_FOUND',
        'error.message': 'Atlas answered 404.',
        'http.response.status_code': 404,
        cutover_watch: {
          migration,
          groupId,
          liveMigrationId,
          status,
          readyForCutover,
          lagTimeSeconds,
          migrationHosts,
          observedAt,
          previous,
          remedy,
          scope,
          since,
          failures,
        },
      },
    ]);
  });
});

describe('the level asked for', () => {
  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)('%s lets through %j', (level, expected) => {
    const output = new CollectingOutput();
    const emit = emitterTo(output, { level });
    emit(sampleEvent('watcher.poll_failed', { repeated: true }));
    emit(sampleEvent('migration.first_seen'));
    emit(sampleEvent('migration.ready_for_cutover'));
    emit(sampleEvent('migration.failed'));
    expect(output.records.map((record) => record.level)).toEqual(expected);
  });

  it('leaves nothing undone: what is not asked for counts as delivered', () => {
    const output = new CollectingOutput();
    const emit = emitterTo(output, { level: 'error' });
    expect(emit(sampleEvent('migration.first_seen'))).toBe(true);
    output.stuck = true;
    expect(emit(sampleEvent('migration.failed'))).toBe(false);
    expect(emit(sampleEvent('migration.first_seen'))).toBe(true);
  });
});

test('the emitter returns false for a line that the output refuses', () => {
  const output = new CollectingOutput();
  const emit = emitterTo(output);
  expect(emit(sampleEvent('migration.first_seen'))).toBe(true);
  output.stuck = true;
  expect(emit(sampleEvent('migration.failed'))).toBe(false);
  expect(output.lines).toHaveLength(1);
});
