import type { PollResult } from '../../../src/atlas/client.ts';
import { type Waited, waitedOf } from '../../../src/cli/wait/waited.ts';
import type { MigrationSnapshot } from '../../../src/watch/fleet.ts';
import { minute, start, targetOf } from '../../watch/sample-migrations.ts';
import { failure, pollOnce, reads, unpolled } from '../polled.ts';

export const refused = failure('unauthorized', 'HTTP 401');
export const down = failure('network', 'Gone');
const notFound = failure('not_found', 'HTTP 404');
/** What a migration that was read is answered until it has disappeared, one poll a minute. */
export const gone = [notFound, ...Array<PollResult>(10).fill(notFound)] as const;
export const working = (lagTimeSeconds: number) =>
  reads({ status: 'WORKING', readyForCutover: false, lagTimeSeconds });
export const ready = reads({ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 });
export const complete = reads({ status: 'COMPLETE' });

/** What is known of migration number `n` after these polls, one a minute. */
export function snapshotAfter(n: number, ...results: readonly PollResult[]): MigrationSnapshot {
  return results.reduce<MigrationSnapshot>(
    (before, result, index) => pollOnce(before, result, start + index * minute).after,
    unpolled(targetOf(n)),
  );
}

/** The same ready migration, the end of whose window somebody stated, in ms since 1970. */
export function withStatedEnd(waited: Waited, at: number): Waited {
  const { state } = waited;
  if (state?.readiness === undefined) throw new Error('Only a window that runs has an end.');
  const readiness = { ...state.readiness, stated: { at, source: 'operator', statedAt: start } } as const;
  return { ...waited, state: { ...state, readiness } };
}

/** What is known of a migration after polls, for one that is waited for. */
export function polled(n: number, ...results: readonly PollResult[]): Waited {
  return waitedOf(snapshotAfter(n, ...results));
}
