import { expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';

it('holds none of our own annotations', () => {
  const text = JSON.stringify(configJsonSchema());
  expect(text).not.toMatch(/"(kind|defaultText|shownDefault|bareForm)"/);
});

it('shows an editor defaults and both forms of a migration', () => {
  expect(configJsonSchema()).toMatchObject({
    title: 'cutover-watch configuration',
    anyOf: [{ required: ['migrations'] }, { required: ['include'] }],
    additionalProperties: false,
    properties: {
      retry: { properties: { attempts: { default: 4 } } },
      cutover: { properties: { warnBefore: { default: ['48h', '24h', '6h', '1h'] } } },
      migrations: { items: { anyOf: [{ type: 'object' }, { type: 'string' }] } },
    },
  });
});
