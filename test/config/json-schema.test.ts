import { expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';

it('holds none of our own annotations', () => {
  const text = JSON.stringify(configJsonSchema());
  expect(text).not.toMatch(/"(kind|notYet|defaultText|shownDefault|bareForm)"/);
});

it('shows an editor defaults, both forms of a migration, and what is not in effect yet', () => {
  expect(configJsonSchema()).toMatchObject({
    title: 'cutover-watch configuration',
    required: ['migrations'],
    additionalProperties: false,
    properties: {
      retry: { properties: { attempts: { default: 4 } } },
      cutover: { properties: { warnBefore: { default: ['48h', '24h', '6h', '1h'] } } },
      http: { properties: { listen: { description: expect.stringMatching(/ \(not in effect yet\)\.$/) } } },
      migrations: { items: { anyOf: [{ type: 'object' }, { type: 'string' }] } },
    },
  });
});
