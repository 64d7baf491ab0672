import type { Change } from '../../src/state/store.ts';
import { orders, play, start } from '../watch/sample-migrations.ts';

/** What the first look at a migration that is ready leaves to be stored, with a lag sample of that moment. */
export function sampleChange(observedAt = start): Change {
  const { groupId, liveMigrationId } = orders;
  const { state, events } = play([{ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 }]);
  if (state === undefined) throw new Error('a poll leaves a state');
  return { groupId, liveMigrationId, state, events, sample: { observedAt, lagTimeSeconds: 4 } };
}
