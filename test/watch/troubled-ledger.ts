import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { Ledger, type LedgerOptions } from '../../src/watch/ledger.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';
import { minute, namesOf, type Outcome, orders, play, start } from './sample-migrations.ts';

export type Call = 'load' | 'refresh' | 'commit' | 'unwritten' | 'pruneSamples';

const diskFull = Object.assign(new Error('database or disk is full'), { errcode: 13 });

/** A store that failed is left alone so long. */
export const retryMs = 1_000;

/** A ledger over a real file whose calls fail when they are told to, and a log that can be stuck. */
export function setting(options: LedgerOptions = {}) {
  const path = join(temporaryDirectory(), 'state.db');
  const real = openStore(path);
  let open = true;
  const close = (): void => {
    if (open) real.close();
    open = false;
  };
  onTestFinished(close);
  const failing = new Map<Call, unknown>();
  let tried = 0;
  const guard =
    <Args extends unknown[], Result>(call: Call, work: (...args: Args) => Result) =>
    (...args: Args): Result => {
      if (failing.has(call)) throw failing.get(call);
      return work(...args);
    };
  const store: Store = {
    path,
    load: guard('load', (group: string, id: string) => real.load(group, id)),
    samples: (...args) => real.samples(...args),
    latestSamples: (...args) => real.latestSamples(...args),
    eventsAfter: (...args) => real.eventsAfter(...args),
    latestEvents: (...args) => real.latestEvents(...args),
    refresh: guard('refresh', () => real.refresh()),
    commit: (batch) => {
      tried += 1;
      return guard('commit', () => real.commit(batch))();
    },
    unwritten: guard('unwritten', (limit: number, after?: number) => real.unwritten(limit, after)),
    pruneSamples: guard('pruneSamples', (before: number, limit: number) => real.pruneSamples(before, limit)),
    close: () => {},
  };
  const lines: EventRecord[] = [];
  const log = { stuck: false };
  const clock = { now: start };
  const emit = (record: EventRecord): boolean => !log.stuck && lines.push(record) > 0;
  const ledgerOf = (targets: readonly Target[]) =>
    new Ledger(store, emit, targets, { now: () => clock.now, ...options });
  const ledger = ledgerOf([orders]);
  let polls = 0;
  return {
    close,
    tries: () => tried,
    path,
    ledger,
    ledgerOf,
    lines,
    log,
    clock,
    names: () => namesOf(lines),
    fail: (call: Call, error: unknown = diskFull) => failing.set(call, error),
    heal: () => {
      failing.clear();
      clock.now += retryMs;
    },
    record: (outcome: Outcome) => {
      const { state, events } = play([outcome], ledger.state(orders));
      if (state === undefined) throw new Error('a poll leaves a state');
      const { groupId, liveMigrationId } = orders;
      polls += 1;
      const sample = { observedAt: start + polls * minute, lagTimeSeconds: polls };
      ledger.record({ groupId, liveMigrationId, state, events, sample });
    },
  };
}
