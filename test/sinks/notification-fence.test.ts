import { expect, it } from 'vitest';
import { event, NotificationHarness } from './notification-harness.ts';

it('where another watcher may take over, a receiver gets an event when it is committed, and not before', async () => {
  const harness = new NotificationHarness(undefined, { onlyCommitted: true });
  await harness.run();
  const record = event('a');
  harness.sink.offer([{ kind: 'uncommitted', record }]);
  await harness.settle();
  expect([harness.sent, harness.sink.status.waiting]).toEqual([[], 0]);
  await harness.commit(record);
  expect(harness.sent).toEqual(['a']);
});
