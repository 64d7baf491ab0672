import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { PollResult } from '../../src/atlas/client.ts';
import type { MigrationReading } from '../../src/atlas/migration-resource.ts';
import { reopened } from '../../src/cli/one-shot.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { RecordedMigration } from '../../src/state/record.ts';
import type { MigrationSnapshot } from '../../src/watch/fleet.ts';
import { applyPoll } from '../../src/watch/migration/apply-poll.ts';
import { collectSamples } from '../../src/watch/migration/lag-samples.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { policy } from '../watch/sample-migrations.ts';

export const failure = (kind: 'unauthorized' | 'network' | 'not_found', detail: string): PollResult => ({
  ok: false,
  attempts: 1,
  requests: 1,
  error: new AtlasError({ kind, detail }),
});
export const reads = (reading: MigrationReading): PollResult => ({
  ok: true,
  attempts: 1,
  requests: 1,
  reading,
});

/** What a command knows of a migration before its first poll: what a watcher has recorded, if anything. */
export function unpolled(
  target: Target,
  recorded?: Pick<RecordedMigration, 'state' | 'samples'>,
): MigrationSnapshot {
  const { state, samples = [] } = recorded ?? {};
  return {
    target,
    cadence: 'default',
    latest: undefined,
    samples: collectSamples(samples),
    state: state && reopened(state),
  };
}

/** What is known after another poll that ended at `now`, in ms since 1970, and the events of it. */
export function pollOnce(
  before: MigrationSnapshot,
  result: PollResult,
  now: number,
): { readonly after: MigrationSnapshot; readonly events: readonly EventRecord[] } {
  const isFirst = before.latest === undefined;
  const { events, ...rest } = applyPoll(
    {
      ...before,
      now,
      startedAt: now,
      resumed: isFirst && before.state?.observation !== undefined,
      intervalMs: 30_000,
      isNotFoundShared: false,
    },
    result,
    { ...policy, warnBeforeMs: [], remindEveryMs: 0 },
  );
  const { state, samples, cadence } = rest;
  return {
    after: { target: before.target, state, samples, cadence, latest: result.ok ? 'read' : result.error },
    events,
  };
}
