import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { StandardOutputSink } from '../../src/sinks/standard-output.ts';
import { Recorder, type RecorderOptions } from '../../src/state/recorder.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { StateError, type Store } from '../../src/state/store.ts';
import { eventOf, orders, positionOf, start, stateWith } from './sample-change.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Call = 'commit' | 'eventsFrom' | 'states' | 'maintain';

const diskFull = new StateError('The disk is full.', {
  reason: 'disk_full',
  remedy: 'Free some space on its disk.',
});

export interface Limits {
  readonly redactor?: Redactor;
  readonly recorder?: NonNullable<RecorderOptions['limits']>;
  readonly sink?: { readonly events: number; readonly uncommitted: number; readonly passing: number };
}

/**
 * A recorder over a real file, whose calls fail as the test says, with standard output that takes lines or not, and a
 * clock that stands still. What is scheduled runs when the test says so.
 */
export async function troubledRecorder(limits: Limits = {}) {
  const path = join(temporaryDirectory(), 'state.db');
  const failing = new Map<Call, unknown>();
  const lines: EventRecord[] = [];
  const output = { stuck: false };
  const clock = { now: start };
  const faults: unknown[] = [];
  const fenced = { count: 0 };
  const notified: (readonly [name: string, stored: boolean])[] = [];
  let scheduled: { readonly work: () => void; readonly delayMs: number }[] = [];
  let real: Store | undefined;

  async function guarded<Result>(call: Call, work: () => Promise<Result>): Promise<Result> {
    if (failing.has(call)) throw failing.get(call);
    return work();
  }

  /** Opens the file with a recorder of its own, as a run of the program does. */
  async function run() {
    const store = openStore(path);
    real = store;
    const troubled: Store = {
      ...store,
      commit: (batch) => guarded('commit', () => store.commit(batch)),
      eventsFrom: (...args) => guarded('eventsFrom', () => store.eventsFrom(...args)),
      states: (keys) => guarded('states', () => store.states(keys)),
      maintain: (now) => guarded('maintain', () => store.maintain(now)),
    };
    const sink = new StandardOutputSink({
      log: troubled,
      write: (record) => !output.stuck && lines.push(record) > 0,
      ...(limits.sink && { limits: limits.sink }),
    });
    const recorder = await Recorder.open(troubled, {
      sinks: [sink],
      redactor: limits.redactor ?? new Redactor(),
      now: () => clock.now,
      defer: (work, delayMs) => scheduled.push({ work, delayMs }),
      onEvents: (records, stored) => notified.push(...records.map(({ event }) => [event, stored] as const)),
      onFault: (error) => faults.push(error),
      onFenced: () => {
        fenced.count += 1;
      },
      ...(limits.recorder && { limits: limits.recorder }),
    });
    await recorder.track([orders]);
    return { recorder, sink };
  }

  let current = await run();
  onTestFinished(() => real?.close());

  /** Runs what is scheduled within so many ms, and waits until it is done. */
  async function settle(withinMs = 0): Promise<void> {
    clock.now += withinMs;
    for (;;) {
      const due = scheduled.filter(({ delayMs }) => delayMs <= withinMs);
      scheduled = scheduled.filter(({ delayMs }) => delayMs > withinMs);
      for (const { work } of due) work();
      await new Promise((resolve) => setImmediate(resolve));
      if (!scheduled.some(({ delayMs }) => delayMs === 0)) return;
    }
  }

  return {
    path,
    key: orders,
    lines,
    output,
    clock,
    faults,
    fenced,
    notified,
    get recorder() {
      return current.recorder;
    },
    get sink() {
      return current.sink;
    },
    get delays() {
      return scheduled.map(({ delayMs }) => delayMs);
    },
    settle,
    fail: (call: Call, error: unknown = diskFull) => failing.set(call, error),
    heal: () => failing.clear(),
    /** Records a poll that found this status, with durable events of these ids. */
    record: (status: string, ...ids: readonly string[]) =>
      current.recorder.record({
        migration: { ...orders, state: stateWith(status) },
        events: ids.map((id) => eventOf(id)),
      }),
    /** Resolves to the position that the file has for standard output. */
    storedCursor: async () => (real === undefined ? 0 : positionOf(real, 'stdout')),
    /** Ends the run as SIGKILL does, and begins the next one. */
    async killAndRestart(): Promise<void> {
      scheduled = [];
      await real?.close();
      failing.clear();
      current = await run();
      await settle();
    },
  };
}

/** Returns what the lines are: ids of events, names of the other lines. */
export function textOf(lines: readonly EventRecord[]): unknown[] {
  return lines.map(({ event, eventId }) => eventId ?? event);
}
