import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { StandardOutputSink } from '../../src/sinks/standard-output.ts';
import type { Line } from '../../src/state/sink.ts';
import { type LogEntry, StateError } from '../../src/state/store.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { eventOf } from '../state/sample-change.ts';
import { textOf } from '../state/troubled-recorder.ts';

const heartbeat: Line = { kind: 'passing', record: sampleEvent('watcher.heartbeat') };

/** A sink over a log in memory, whose reader takes lines or not. */
function setting(limits = { events: 3, uncommitted: 5, passing: 2 }) {
  const log: LogEntry[] = [];
  const written: EventRecord[] = [];
  const state = { stuck: false, readable: true, reads: 0 };
  const sink = new StandardOutputSink({
    log: {
      eventsFrom: async (position, limit) => {
        state.reads += 1;
        if (!state.readable) throw new StateError('The log cannot be read.');
        return log.filter((entry) => entry.position >= position).slice(0, limit);
      },
    },
    write: (record) => !state.stuck && written.push(record) > 0,
    limits,
  });
  sink.start({ position: 0 });
  /** Appends events to the log, and returns their lines. */
  const committed = (...ids: readonly (string | EventRecord)[]): Line[] =>
    ids.map((id) => {
      const entry = { position: log.length + 1, record: typeof id === 'string' ? eventOf(id) : id };
      log.push(entry);
      return { kind: 'committed', ...entry };
    });
  return {
    sink,
    log,
    state,
    committed,
    get lines() {
      return textOf(written);
    },
    async offer(...lines: readonly Line[]) {
      sink.offer(lines);
      await sink.deliver();
    },
  };
}

const uncommitted = (id: string): Line => ({ kind: 'uncommitted', record: eventOf(id) });
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('standard output', () => {
  it('gets events and passing lines in order, and the cursor follows', async () => {
    const set = setting();
    await set.sink.deliver();
    await set.offer(...set.committed('a'), heartbeat, ...set.committed('b'));
    expect(set.lines).toEqual(['a', 'watcher.heartbeat', 'b']);
    expect([set.sink.cursor, set.sink.delivered]).toEqual([2, true]);
  });

  it('gets first what an earlier run has left in the log', async () => {
    const set = setting();
    set.committed(...numbered('e', 8));
    set.sink.start({ position: 2 });
    await set.offer(heartbeat);
    expect(set.lines).toEqual([...numbered('e', 8).slice(2), 'watcher.heartbeat']);
    expect(set.sink.cursor).toBe(8);
  });

  it('keeps the cursor before what its reader has not taken', async () => {
    const set = setting();
    await set.sink.deliver();
    await set.offer(...set.committed('a'));
    set.state.stuck = true;
    await set.offer(...set.committed('b', 'c'));
    expect([set.sink.cursor, set.sink.delivered]).toEqual([1, false]);
    set.state.stuck = false;
    await set.sink.deliver();
    expect(set.lines).toEqual(['a', 'b', 'c']);
    expect([set.sink.cursor, set.sink.delivered]).toEqual([3, true]);
  });

  it('reads back from the log what memory has no room for', async () => {
    const set = setting();
    await set.sink.deliver();
    set.state.stuck = true;
    for (const id of numbered('e', 20)) await set.offer(...set.committed(id));
    const reads = set.state.reads;
    expect([set.sink.cursor, set.state.reads - reads]).toEqual([0, 0]);
    set.state.stuck = false;
    await set.sink.deliver();
    expect(set.lines).toEqual(numbered('e', 20));
    expect([set.sink.cursor, set.sink.delivered]).toEqual([20, true]);
    await set.offer(...set.committed('next'));
    expect(set.lines.at(-1)).toBe('next');
  });

  it('drops the oldest passing lines beyond the limit, and counts them', async () => {
    const set = setting();
    await set.sink.deliver();
    set.state.stuck = true;
    const passing = ['watcher.overrun', 'watcher.settled', 'watcher.started', 'watcher.stopped'] as const;
    await set.offer(...set.committed('a'));
    for (const name of passing) await set.offer({ kind: 'passing', record: sampleEvent(name) });
    set.state.stuck = false;
    await set.sink.deliver();
    expect(set.lines).toEqual(['a', ...passing.slice(2)]);
    expect(set.sink.droppedLines).toBe(2);
  });

  it('gets an uncommitted event at once and not again; the cursor moves past it when it is committed', async () => {
    const set = setting();
    await set.sink.deliver();
    const line = uncommitted('a');
    await set.offer(line);
    expect([set.lines, set.sink.cursor]).toEqual([['a'], 0]);
    await set.offer(...set.committed(line.record));
    expect([set.lines, set.sink.cursor]).toEqual([['a'], 1]);
  });

  it('gets an uncommitted event once also where it waits until it is committed', async () => {
    const set = setting();
    await set.sink.deliver();
    set.state.stuck = true;
    const line = uncommitted('a');
    await set.offer(line);
    await set.offer(...set.committed(line.record), ...set.committed('b'));
    expect(set.sink.cursor).toBe(0);
    set.state.stuck = false;
    await set.sink.deliver();
    expect([set.lines, set.sink.cursor]).toEqual([['a', 'b'], 2]);
  });

  it('gets uncommitted events before those that cannot be read back, and each once', async () => {
    const set = setting();
    await set.sink.deliver();
    set.state.stuck = true;
    await set.offer(...set.committed(...numbered('e', 6)));
    set.state.readable = false;
    set.state.stuck = false;
    const line = uncommitted('u');
    await set.offer(line);
    expect(set.lines).toEqual(['e0', 'e1', 'e2', 'u']);
    expect(set.sink.cursor).toBe(3);
    await set.offer(...set.committed(line.record));
    expect(set.sink.cursor).toBe(3);
    set.state.readable = true;
    await set.sink.deliver();
    expect(set.lines).toEqual(['e0', 'e1', 'e2', 'u', 'e3', 'e4', 'e5']);
    expect([set.sink.cursor, set.sink.delivered]).toEqual([7, true]);
  });

  it('drops the oldest uncommitted events beyond the limit', async () => {
    const set = setting();
    await set.sink.deliver();
    set.state.stuck = true;
    for (const id of numbered('u', 8)) await set.offer(uncommitted(id));
    set.state.stuck = false;
    await set.sink.deliver();
    expect(set.lines).toEqual(numbered('u', 8).slice(3));
  });

  it('gets what memory holds of a log that was lost, and continues in the new one', async () => {
    const set = setting();
    await set.sink.deliver();
    set.state.stuck = true;
    await set.offer(...set.committed(...numbered('e', 6)));
    set.log.length = 0;
    set.sink.restart(0);
    await set.offer(...set.committed('new'));
    set.state.stuck = false;
    await set.sink.deliver();
    expect(set.lines).toEqual(['e0', 'e1', 'e2', 'new']);
    expect([set.sink.cursor, set.sink.delivered]).toEqual([1, true]);
  });

  it('does not take what it reads for part of a log that was replaced meanwhile', async () => {
    const set = setting();
    set.committed('old');
    const delivered = set.sink.deliver();
    set.log.length = 0;
    set.sink.restart(0);
    await set.offer(...set.committed('new'));
    await delivered;
    expect(set.lines).toEqual(['new']);
    expect(set.sink.cursor).toBe(1);
  });

  it('reads once at a time, and takes what is committed meanwhile', async () => {
    const set = setting();
    set.committed('a', 'b');
    const delivered = set.sink.deliver();
    await set.offer(...set.committed('c'));
    await delivered;
    expect(set.lines).toEqual(['a', 'b', 'c']);
    expect([set.sink.cursor, set.sink.delivered]).toEqual([3, true]);
  });
});
