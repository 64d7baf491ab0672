import { expect, test } from 'vitest';
import { Counters } from '../../src/server/counters.ts';
import { consoleUrlOf, watcherView } from '../../src/server/watcher-view.ts';
import { start } from '../watch/sample-migrations.ts';
import { serve } from './served.ts';

test('the list shows the watcher itself', async () => {
  const counters = new Counters();
  const { ask } = await serve({ counters, startedAt: start - 1_000 });
  const watcher = async () => (await ask('/api/migrations')).json().watcher;
  expect(await watcher()).toEqual({
    time: '2026-11-23T23:00:00.000Z',
    version: '1.2.3',
    role: 'active',
    credential: 'apiKey',
    startedAt: '2026-11-23T22:59:59.000Z',
    problems: [],
    consoleUrl: 'https://cloud.mongodb.com',
  });
  counters.poll('timeout', 400, start - 500);
  expect(await watcher()).toMatchObject({ lastPollAt: '2026-11-23T22:59:59.500Z' });
});

test('the watcher has the title of the configuration, without secrets', async () => {
  const { context, ask } = await serve({
    title: 'prod of s3cr3t',
    redact: {
      event: (record) => record,
      data: (data) =>
        typeof data === 'string' ? (data.replace('s3cr3t', '[redacted]') as typeof data) : data,
    },
  });
  expect(watcherView(context).title).toBe('prod of [redacted]');
  expect((await ask('/api/migrations')).json().watcher).toMatchObject({ title: 'prod of [redacted]' });
});

test('what is wrong with the watcher is shown until it is well again', async () => {
  let alive = false;
  const { ask } = await serve({
    status: () => ({ configCurrent: alive, stateWritable: alive }),
    liveness: () => (alive ? { alive } : { alive, stuckForSeconds: 40, reason: 'It is stuck.' }),
  });
  const problems = async () =>
    ((await ask('/api/migrations')).json().watcher as { problems: string[] }).problems;
  expect(await problems()).toEqual([
    'It is stuck.',
    expect.stringMatching(/^The configuration was changed and is not valid/),
    expect.stringMatching(/^The state file cannot be written/),
  ]);
  alive = true;
  expect(await problems()).toEqual([]);
});

const lease = { epoch: 7, holder: 'db-2 (pid 4)', remainingMs: 20_400 };

test.each([
  { rule: 'of a standby', role: 'standby', says: 'what is shown may be old' },
  { rule: 'of an active watcher whose lease is trusted', role: 'active', says: 'continues from memory' },
  { rule: 'of one that is unfenced', role: 'active', unfenced: true, says: 'another watcher may have taken' },
] as const)('a database that fails is a problem $rule', async ({ rule: _rule, says, ...what }) => {
  const { context } = await serve({
    role: () => ({ ...what, lease }),
    status: () => ({ stateWritable: false }),
  });
  expect(watcherView(context).problems).toEqual([
    expect.stringMatching(new RegExp(`^The database of the state.*${says}`)),
  ]);
});

test('the lease is shown without its time, as the list changes with it', async () => {
  const { context } = await serve({ role: () => ({ role: 'standby', lease }) });
  expect(watcherView(context)).toMatchObject({ role: 'standby' });
  expect(watcherView(context).lease).toEqual({ epoch: 7, holder: 'db-2 (pid 4)' });
});

test.each([
  ['https://cloud.mongodb.com', 'https://cloud.mongodb.com'],
  ['https://cloud.mongodbgov.com', 'https://cloud.mongodbgov.com'],
  ['https://cloud-qa.mongodb.com', 'https://cloud-qa.mongodb.com'],
  ['https://atlas-relay.example.com', 'https://cloud.mongodb.com'],
  ['https://evilmongodb.com', 'https://cloud.mongodb.com'],
  ['http://127.0.0.1:8080', 'https://cloud.mongodb.com'],
])('the console of %s is at %s', (atlas, console) => {
  expect(consoleUrlOf(atlas)).toBe(console);
});
