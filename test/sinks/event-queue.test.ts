import { expect, it } from 'vitest';
import { EventQueue } from '../../src/sinks/event-queue.ts';
import { eventOf } from '../state/sample-change.ts';

it('an event that was read back from the log before it is offered is queued once', () => {
  const queue = new EventQueue();
  queue.start(0);
  const entries = ['a', 'b'].map((id, index) => ({ record: eventOf(id), position: index + 1 }));
  queue.refill(1, entries, 10);
  queue.offer(entries.map((entry) => ({ kind: 'committed', ...entry })));
  expect(queue.cursor).toBe(0);
  for (const { record } of entries) {
    expect(queue.next).toBe(record);
    queue.markDelivered(record);
  }
  expect([queue.isEmpty, queue.cursor]).toEqual([true, 2]);
});

it('the cursor does not move back where an event is offered after a later one was read back', () => {
  const queue = new EventQueue();
  queue.start(0);
  const entries = ['a', 'b'].map((id, index) => ({ record: eventOf(id), position: index + 1 }));
  queue.refill(1, entries, 10);
  for (const { record } of entries) queue.markDelivered(record);
  queue.offer(entries.slice(0, 1).map((entry) => ({ kind: 'committed', ...entry })));
  expect([queue.isEmpty, queue.cursor]).toEqual([true, 2]);
});
