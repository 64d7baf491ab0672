import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { metricNames } from './metrics.ts';

const page = readFileSync(new URL('../../config/http.md', import.meta.url), 'utf8');

it.each([...metricNames].map((name) => name.replace(/_(?:bucket|sum|count)$/, '')))(
  'config/http.md names the metric %s',
  (name) => {
    expect(page).toMatch(new RegExp(`\\b(?:cutover_watch_)?${name}\\b`));
  },
);

it('the migration in config/http.md is one line of JSON, as the API writes it', () => {
  const [, line = ''] = /^```json\n(\{"migration".+\})\n```$/m.exec(page) ?? [];
  expect(JSON.stringify(JSON.parse(line))).toBe(line);
});
