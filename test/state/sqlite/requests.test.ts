import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { OperatorRequest } from '../../../src/state/operator-word.ts';
import { openRequestBox } from '../../../src/state/sqlite/request-box.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { temporaryFolder } from '../../e2e/program.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { batchOf, orders, start } from '../sample-change.ts';

function requestOf(id: string): OperatorRequest {
  return { id, migration: 'orders', ...orders, requestedAt: start, command: 'ack' };
}

test('a request left beside an open store is read in order, and removed with its event, which is the answer', async () => {
  const path = join(temporaryFolder(), 'state.db');
  const store = openStore(path);
  const box = await openRequestBox(path);
  expect(box.isWatched).toBe(true);
  for (const id of ['one', 'two']) await box.leave(requestOf(id));
  expect(await store.requests()).toEqual(['one', 'two'].map((id) => ({ id, request: requestOf(id) })));
  expect(await box.answer('one')).toBe('waiting');
  const event = sampleEvent('migration.acknowledged', { requestId: 'one' });
  // Another program wrote to the file: it is still the same one.
  expect(await store.commit(batchOf({ events: [event], requests: ['one'] }))).toMatchObject({
    replaced: false,
  });
  expect(await box.answer('one')).toMatchObject({ event: 'migration.acknowledged', requestId: 'one' });
  expect((await store.requests()).map(({ id }) => id)).toEqual(['two']);
  await box.close();
  await store.close();
});

test('without a watcher the request waits for the next one, and what is no request is read as none', async () => {
  const path = join(temporaryFolder(), 'state.db');
  await openStore(path).close();
  const box = await openRequestBox(path);
  expect(box.isWatched).toBe(false);
  await box.leave(requestOf('one'));
  await box.close();
  const other = new DatabaseSync(path);
  for (const [id, text] of [
    ['text', 'rubbish'],
    ['command', '{"command":"drop"}'],
    ['moment', JSON.stringify({ ...requestOf('moment'), until: 1e300 })],
    ['long', JSON.stringify({ ...requestOf('long'), comment: 'x'.repeat(100_000) })],
  ] as const)
    other.prepare('INSERT INTO request (id, request) VALUES (?, ?)').run(id, text);
  other.close();
  const store = openStore(path);
  expect((await store.requests()).map(({ id, request }) => [id, request?.command])).toEqual([
    ['one', 'ack'],
    ['text', undefined],
    ['command', undefined],
    ['moment', undefined],
    ['long', undefined],
  ]);
  await store.close();
});

test.each([
  { rule: 'there is none', path: join('/nonexistent', 'state.db'), problem: /there is no state file yet/ },
  { rule: 'it keeps nothing', path: ':memory:', problem: /no command can write to/ },
])('a state file is refused where $rule', async ({ path, problem }) => {
  await expect(openRequestBox(path)).rejects.toThrow(problem);
});
