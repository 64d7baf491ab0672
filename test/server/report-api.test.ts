import { expect, test } from 'vitest';
import { openStore } from '../../src/state/sqlite/store.ts';
import { addSample, noSamples } from '../../src/watch/migration/lag-samples.ts';
import { played, wholeCourse } from '../report/played.ts';
import { batchOf } from '../state/sample-change.ts';
import { hour, orders, start } from '../watch/sample-migrations.ts';
import { type Given, serve, watchedOrders } from './served.ts';

/** Serves the history of a whole migration, recorded under this name. Its last samples may not be stored yet. */
async function servedHistory(name = orders.name, given: Given = {}, unstored = 0) {
  const target = { ...orders, name };
  const { groupId, liveMigrationId } = target;
  const { state, events, samples } = played(wholeCourse, 60 * hour, undefined, target);
  if (state === undefined) throw new Error('A poll leaves a state.');
  const store = openStore(':memory:');
  const all = samples.map((sample) => ({ groupId, liveMigrationId, ...sample }));
  const own = all.slice(0, all.length - unstored);
  const recent = samples.slice(-2 * unstored - 1).reduce(addSample, noSamples);
  await store.commit(
    batchOf({ states: [{ groupId, liveMigrationId, state }], events: [...events], samples: own }),
  );
  return serve({
    store,
    now: () => start + 60 * hour,
    snapshots: () => [watchedOrders({ target, state, latest: 'read', samples: recent })],
    ...given,
  });
}

test('the report of a migration is a page that may load and run nothing', async () => {
  const { ask } = await servedHistory();
  const { status, headers, body } = await ask('/api/migrations/orders/report');
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-disposition': "inline; filename*=UTF-8''orders-report.html",
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  });
  expect(body).toMatch(/^<!doctype html>[\s\S]+<svg[\s\S]+went from NEW to WORKING[\s\S]+<\/html>\n$/);
});

test('the report of a migration is Markdown where that is asked for', async () => {
  const { ask } = await servedHistory();
  const { headers, body } = await ask(`/api/migrations/${orders.liveMigrationId}/report?format=md`);
  expect(headers['content-type']).toBe('text/markdown; charset=utf-8');
  expect(body).toMatch(/^# orders[\s\S]+went from NEW to WORKING/);
});

test('a report has the samples that are not stored yet, each once', async () => {
  const whole = await servedHistory();
  const ahead = await servedHistory(orders.name, {}, 4);
  const path = '/api/migrations/orders/report';
  expect((await ahead.ask(path)).body).toBe((await whole.ask(path)).body);
});

test('a report is named after its migration, whatever the name has', async () => {
  const { ask } = await servedHistory("é'; (x)");
  const { headers } = await ask(`/api/migrations/${orders.liveMigrationId}/report?format=md`);
  expect(headers['content-disposition']).toBe("inline; filename*=UTF-8''%C3%A9%27%3B%20%28x%29-report.md");
});

test('a report has no secrets', async () => {
  const secret = 'NEW to WORKING';
  const withoutIt = <Data>(data: Data): Data =>
    JSON.parse(JSON.stringify(data).replaceAll(secret, '***')) as Data;
  const { ask } = await servedHistory(orders.name, { redact: { event: withoutIt, data: withoutIt } });
  const { body } = await ask('/api/migrations/orders/report');
  expect(body).not.toContain(secret);
  expect(body).toContain('went from ***');
});

test('a migration that was never read has a report, too', async () => {
  const { ask } = await serve();
  expect((await ask('/api/migrations/orders/report?format=md')).body).toMatch(/^# orders/);
});

test.each(['json', 'constructor', ''])('a report is refused as "%s"', async (format) => {
  const { ask } = await serve();
  const { status, json } = await ask(`/api/migrations/orders/report?format=${format}`);
  expect(status).toBe(400);
  expect(json().error).toBe('Write format as html or md.');
});
