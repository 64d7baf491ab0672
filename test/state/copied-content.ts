import { keyOf as textOf } from '../../src/atlas/migration-resource.ts';
import { type CopiedCounts, type CopySource, type CopyTarget, copyState } from '../../src/state/copy.ts';
import { scopeKey } from '../../src/state/migration-state.ts';
import type { OperatorRequest } from '../../src/state/operator-word.ts';
import type { StateRecord } from '../../src/state/record.ts';
import type { RequestBox } from '../../src/state/request-box.ts';
import type { Store } from '../../src/state/store.ts';
import {
  accountOutage,
  batchOf,
  eventOf,
  keyOf,
  minute,
  orders,
  projectOutage,
  recordedState,
  scopeEvent,
  start,
} from './sample-change.ts';

/** More than one page has, of migrations, of samples of one and of events. */
const many = { migrations: 1_050, samples: 1_100, events: 1_020, requests: 120 };

/** What {@link fill} stores and a copy counts. */
export const filled: CopiedCounts = {
  migrations: many.migrations,
  samples: many.samples + 1,
  events: many.events + 2,
  outages: 2,
  cursors: 2,
  requests: many.requests,
};

/** Fills an empty store with some of everything. */
export async function fill(store: Store): Promise<void> {
  const keys = [orders, ...Array.from({ length: many.migrations - 1 }, (_, n) => keyOf(n))];
  const samples = Array.from({ length: many.samples }, (_, n) => ({
    ...orders,
    observedAt: start + n * minute,
    lagTimeSeconds: n / 4,
    ...(n < 9 && { lowest: 0, highest: n }),
  }));
  const events = Array.from({ length: many.events }, (_, n) => eventOf(`e${n}`, keys[n % 3]));
  const delivery = {
    failures: 4,
    failingSince: start,
    nextAttemptAt: start + minute,
    reported: true,
    lastAnswer: { at: start, text: 'HTTP 503 \0', delivered: false },
  } as const;
  await store.commit(
    batchOf({
      states: keys.map((key) => recordedState('WORKING \0', key)),
      samples: [...samples, { ...keyOf(7), observedAt: start, lagTimeSeconds: 7 }],
      events: [...events, scopeEvent('project', orders.groupId), scopeEvent('account')],
      outages: [accountOutage, projectOutage].map((outage) => ({ key: scopeKey(outage), outage })),
      cursors: [
        { sink: 'stdout', position: many.events },
        { sink: 'notify/on-call', position: 3, delivery },
      ],
    }),
  );
}

/** Leaves more requests than a watcher reads at once. */
export async function leaveRequests(box: RequestBox): Promise<void> {
  for (let n = 0; n < many.requests; n += 1) await box.leave(requestOf(`r${n}`));
}

export function requestOf(id: string): OperatorRequest {
  return { id, migration: 'orders', ...orders, requestedAt: start, command: 'ack' };
}

/** Resolves to all that a record and a store have. */
export async function contentOf(record: StateRecord, store: Store): Promise<object> {
  const migrations = await record.migrations();
  const cursors = await store.cursors();
  return {
    migrations: (await Array.fromAsync(record.stored(migrations, 0))).toSorted((one, other) =>
      textOf(one).localeCompare(textOf(other)),
    ),
    order: migrations.map(textOf),
    events: await Array.fromAsync(record.events()),
    log: await store.eventsFrom(1, 10_000),
    lastPosition: await store.lastPosition(),
    outages: await store.outages(),
    cursors: cursors.toSorted((one, other) => one.sink.localeCompare(other.sink)),
    requests: await store.requests(),
  };
}

/** Copies between stores that this opens and closes. */
export async function copied(
  openSource: () => Promise<CopySource>,
  openTarget: () => Promise<CopyTarget>,
): Promise<CopiedCounts> {
  const source = await openSource();
  try {
    const target = await openTarget();
    try {
      return await copyState(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
