import type { MigrationState } from '../../../src/state/migration-state.ts';
import { reportMigration } from '../../../src/watch/outage/outage-events.ts';
import { Scopes } from '../../../src/watch/outage/scopes.ts';
import { outageVerdict } from '../../../src/watch/outage/verdict.ts';
import {
  errorOf,
  minute,
  type Outcome,
  orders,
  type PollOfHistory,
  play as playPolls,
  policy,
} from '../sample-migrations.ts';

/**
 * Plays polls of a migration that is the only one, one a minute from `start` or every `everyMs`, as the watcher polls
 * it; returns the events of each poll, outages included, and the state after the last one.
 */
export function play(
  polls: readonly (Outcome | PollOfHistory)[],
  from?: MigrationState,
  rules = policy,
  everyMs = minute,
) {
  return playPolls(polls, from, rules, everyMs, reportOutage);
}

function reportOutage(state: MigrationState, outcome: Outcome, now: number) {
  const nothing = { state, events: [] };
  if (typeof outcome !== 'string') return nothing;
  const member = {
    key: 'orders',
    groupId: orders.groupId,
    settled: state.settlement !== undefined,
    outage: state.outage,
    endedAt: now,
  };
  const scopes = new Scopes();
  scopes.setMembers([member]);
  if (outageVerdict(member, scopes, { now, policy }) !== 'report') return nothing;
  return reportMigration({ target: orders, now }, state, errorOf(outcome), false);
}
