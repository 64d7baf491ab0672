import { AtlasError } from '../../../src/atlas/atlas-error.ts';
import type { PollResult } from '../../../src/atlas/client.ts';
import type { MigrationReading } from '../../../src/atlas/migration-reply.ts';
import { afterPoll, unread, type Waited } from '../../../src/cli/wait/waited.ts';
import { minute, policy, start, targetOf } from '../../watch/sample-migrations.ts';

const failure = (kind: 'unauthorized' | 'network' | 'not_found', detail: string): PollResult => ({
  ok: false,
  attempts: 1,
  error: new AtlasError({ kind, detail }),
});
export const refused = failure('unauthorized', 'HTTP 401');
export const down = failure('network', 'Gone');
export const gone = failure('not_found', 'HTTP 404');
export const says = (reading: MigrationReading): PollResult => ({ ok: true, attempts: 1, reading });
export const working = (lagTimeSeconds: number) =>
  says({ status: 'WORKING', readyForCutover: false, lagTimeSeconds });
export const ready = says({ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 });
export const complete = says({ status: 'COMPLETE' });

/** What is known of migration number `n` after these polls, one a minute. */
export function polled(n: number, ...results: readonly PollResult[]): Waited {
  let waited = unread(targetOf(n));
  for (const [index, result] of results.entries())
    ({ waited } = afterPoll(waited, result, start + index * minute, policy, []));
  return waited;
}
