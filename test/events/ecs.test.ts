import { EcsFlat, EcsVersion } from '@elastic/ecs';
import { describe, expect, it, test } from 'vitest';
import { toEcs } from '../../src/events/ecs.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { CollectingOutput } from './collecting-output.ts';
import { eventNames, sampleEvent } from './sample-events.ts';

/** What Elastic publishes of one field. */
interface Field {
  readonly type: string;
  readonly allowed_values?: readonly { readonly name: string }[];
}

const fields: Readonly<Record<string, Field>> = EcsFlat;
/** What belongs to this program, below a name that is no field of ECS. */
const ownName = 'cutover_watch';

function written(record: ReturnType<typeof sampleEvent>): Record<string, unknown> {
  const output = new CollectingOutput();
  createEmitter({ output, format: 'ecs', level: 'debug', redactor: new Redactor() })(record);
  return output.records[0] ?? {};
}

function fits({ type, allowed_values: allowed }: Field, value: unknown): boolean {
  switch (type) {
    case 'keyword':
      return typeof value === 'string' && (allowed?.some(({ name }) => name === value) ?? true);
    case 'match_only_text':
      return typeof value === 'string';
    case 'date':
      return typeof value === 'string' && new Date(value).toISOString() === value;
    case 'long':
      return Number.isSafeInteger(value);
    case 'object':
      return typeof value === 'object' && Object.values(value ?? {}).every((one) => typeof one === 'string');
    default:
      return false;
  }
}

describe('in ecs format', () => {
  it.each(eventNames)('%s has only fields of ECS, of the types they have there, beside its own', (name) => {
    const record = written(sampleEvent(name));
    expect(record).toMatchObject({ 'ecs.version': EcsVersion, 'event.kind': 'event', 'event.action': name });
    const misfits = Object.entries(record).filter(([key, value]) => {
      const field = fields[key];
      return key !== ownName && (field === undefined || !fits(field, value));
    });
    expect(misfits).toEqual([]);
  });

  it('the namespace of its own is none of ECS', () => {
    expect(Object.keys(fields).filter((name) => name.split('.')[0] === ownName)).toEqual([]);
  });

  it('names of labels have no dots, which would make objects of them', () => {
    const labels = { 'app.kubernetes.io/name': 'shop', team: 'payments' };
    expect(toEcs(sampleEvent('migration.failed', { labels })).labels).toEqual({
      'app_kubernetes_io/name': 'shop',
      team: 'payments',
    });
  });
});

test('a value that ECS does not know would be noticed', () => {
  expect(fits({ type: 'keyword', allowed_values: [{ name: 'success' }] }, 'succeeded')).toBe(false);
  expect(fits({ type: 'long' }, '404')).toBe(false);
});
