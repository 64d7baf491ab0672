import { expect, it } from 'vitest';
import { configReference } from '../../src/config/keys.ts';

const lines = configReference().split('\n');

it('has a row of four cells for every key and ends in a newline', () => {
  expect(lines.at(-1)).toBe('');
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/^\|( [^|]* \|){4}$/);
  expect(configReference()).not.toContain('undefined');
});

it.each([
  '| Key | Type | Default | What it does |',
  '| `atlas.requestTimeout` | duration | `10s` | How long one request may take. |',
  '| `atlas.requestsPerMinute` | 1 to 10000 | `90`; `400` with apiVersion `v2` | Most requests a minute and project: 90 are 45 migrations every 30 seconds. |',
  '| `watch.stallAfter` | duration | `30m` | How long the lag may make no progress before it counts as stalled. |',
  '| `migrations[].liveMigrationId` | id | **required** | Id of the live migration: 24 characters 0-9 and a-f. |',
])('has the row %s', (row) => {
  expect(lines).toContain(row);
});
