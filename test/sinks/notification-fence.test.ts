import { expect, it } from 'vitest';
import { event, failed, NotificationHarness } from './notification-harness.ts';

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

it('while another watcher may have taken over, what is committed waits too, and goes out when that is settled', async () => {
  let isTrusted = true;
  const harness = new NotificationHarness(undefined, { onlyCommitted: true, maySend: () => isTrusted });
  await harness.run();
  harness.answers = [failed];
  await harness.commit(event('a'));
  isTrusted = false;
  await harness.pass(3_600_000);
  expect(harness.sent).toEqual(['a']);
  isTrusted = true;
  await harness.pass(1_000);
  expect(harness.sent).toEqual(['a', 'a']);
});
