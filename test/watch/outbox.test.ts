import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Outbox } from '../../src/watch/outbox.ts';
import { sampleEvent } from '../events/sample-events.ts';

const limits = { unstored: 4, waiting: 3, passing: 2 };

function event(migration: string): EventRecord {
  return sampleEvent('migration.first_seen', { migration });
}

function outbox(): Outbox {
  return new Outbox(limits);
}

function write(box: Outbox, count = 1): unknown[] {
  const written: unknown[] = [];
  for (let item = box.next; item !== undefined && written.length < count; item = box.next) {
    box.wrote(item);
    written.push(item.record.migration ?? item.record.event);
  }
  return written;
}

const unstored = (box: Outbox) =>
  box.unstored.map(({ record, written }) => [record.migration, written ? 'written' : 'unwritten']);

describe('the outbox', () => {
  it('has what an earlier run left in the store fetched before anything that is said later', () => {
    const box = outbox();
    box.expectLeftovers();
    box.say(sampleEvent('watcher.heartbeat'));
    expect(box.missingAfter).toBe(0);
    expect(box.next?.record.event).toBe('watcher.heartbeat');
    box.refill([{ id: 1, record: event('a') }]);
    expect(write(box, 9)).toEqual(['a', 'watcher.heartbeat']);
    expect(box.isEmpty).toBe(true);
  });

  it('has events to store and to write, until both are done', () => {
    const box = outbox();
    box.add([event('a'), event('b')]);
    expect(unstored(box)).toEqual([
      ['a', 'unwritten'],
      ['b', 'unwritten'],
    ]);
    box.stored([1, 2]);
    expect(box.unstored).toEqual([]);
    expect(write(box, 2)).toEqual(['a', 'b']);
    expect(box.marks).toEqual([1, 2]);
    box.stored([]);
    expect(box.marks).toEqual([]);
  });

  it('remembers what was written before it could be stored', () => {
    const box = outbox();
    box.add([event('a'), event('b')]);
    write(box);
    expect(unstored(box)).toEqual([
      ['a', 'written'],
      ['b', 'unwritten'],
    ]);
    expect(box.marks).toEqual([]);
  });

  it('keeps lines that are never stored in their order among the others', () => {
    const box = outbox();
    box.add([event('a')]);
    box.say(sampleEvent('watcher.heartbeat'));
    box.add([event('b')]);
    expect(write(box, 9)).toEqual(['a', 'watcher.heartbeat', 'b']);
    expect(unstored(box)).toHaveLength(2);
  });
});

describe('an outbox whose store takes nothing', () => {
  it('drops the oldest of what people have read from the history', () => {
    const box = outbox();
    box.add([event('a'), event('b'), event('c')]);
    write(box, 2);
    box.add([event('d'), event('e'), event('f')]);
    expect(unstored(box).map(([name]) => name)).toEqual(['c', 'd', 'e', 'f']);
    expect(write(box, 9)).toEqual(['c', 'd', 'e', 'f']);
    expect([box.takeDroppedEvents(), box.takeDroppedEvents()]).toEqual([2, 0]);
  });

  it('has no place for what is not kept once it was written, and little for it before', () => {
    const box = outbox();
    box.add([event('a'), sampleEvent('watcher.poll_failed')]);
    write(box, 2);
    expect(unstored(box)).toEqual([['a', 'written']]);
    box.add([event('b'), sampleEvent('watcher.poll_failed', { migration: 'not kept' }), event('c')]);
    box.add([event('d')]);
    expect(unstored(box).map(([name]) => name)).toEqual(['b', 'not kept', 'c', 'd']);
    box.add([event('e')]);
    expect(unstored(box).map(([name]) => name)).toEqual(['b', 'c', 'd', 'e']);
    expect(box.takeDroppedEvents()).toBe(2);
  });

  it('drops what nobody has read only when there is nothing else', () => {
    const box = outbox();
    box.add('abcdef'.split('').map(event));
    expect(unstored(box).map(([name]) => name)).toEqual(['c', 'd', 'e', 'f']);
    expect(write(box, 9)).toEqual(['c', 'd', 'e', 'f']);
    expect(box.takeDroppedEvents()).toBe(2);
  });
});

describe('an outbox whose log takes nothing', () => {
  it('leaves stored events beyond its limit to the store, and fetches them in their order', () => {
    const box = outbox();
    const names = 'abcdef'.split('');
    const store: string[] = [];
    for (const name of names) {
      box.add([event(name)]);
      box.stored([store.push(name)]);
    }
    expect(box.missingAfter).toBeUndefined();
    expect(write(box, 9)).toEqual(['a', 'b', 'c']);
    expect(box.missingAfter).toBe(3);
    box.refill([4, 5, 6].map((id) => ({ id, record: event(store[id - 1] ?? '') })));
    expect(write(box, 9)).toEqual(['d', 'e', 'f']);
    expect(box.missingAfter).toBe(6);
    box.refill([]);
    expect(box.isEmpty).toBe(true);
  });

  it('keeps only the latest lines that are never stored, and counts the others', () => {
    const box = outbox();
    box.say(sampleEvent('watcher.started'));
    box.add([event('a')]);
    box.say(sampleEvent('watcher.overrun'));
    box.say(sampleEvent('watcher.heartbeat'));
    expect(box.droppedLines).toBe(1);
    expect(write(box, 9)).toEqual(['a', 'watcher.overrun', 'watcher.heartbeat']);
  });
});

it('an outbox whose store was replaced stores again what was not written, and marks nothing there', () => {
  const box = outbox();
  box.add([event('a'), event('b')]);
  box.stored([1, 2]);
  write(box);
  box.add([event('d')]);
  // The former store also holds one that was not in memory.
  box.moved([
    { id: 1, record: event('a') },
    { id: 2, record: event('b') },
    { id: 3, record: event('c') },
  ]);
  expect(unstored(box).map(([name]) => name)).toEqual(['b', 'c', 'd']);
  expect(box.marks).toEqual([]);
  expect(write(box, 9)).toEqual(['b', 'c', 'd']);
  expect(box.marks).toEqual([]);
});
