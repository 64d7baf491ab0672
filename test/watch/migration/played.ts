import type { EventRecord } from '../../../src/events/event-record.ts';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import type { LagSample } from '../../../src/state/store.ts';
import { applyPoll } from '../../../src/watch/migration/apply-poll.ts';
import { collectSamples, noSamples } from '../../../src/watch/migration/lag-samples.ts';
import { reportMigration } from '../../../src/watch/outage/outage-events.ts';
import { Scopes } from '../../../src/watch/outage/scopes.ts';
import { outageVerdict } from '../../../src/watch/outage/verdict.ts';
import {
  errorOf,
  minute,
  type Outcome,
  orders,
  type PollOfHistory,
  policy,
  resultOf,
  start,
} from '../sample-migrations.ts';

/**
 * Plays polls of a migration that is the only one, one a minute from `start` or every `everyMs`, as the watcher polls
 * it; returns the events of each poll and the state after the last one.
 */
export function play(
  polls: readonly (Outcome | PollOfHistory)[],
  from?: MigrationState,
  rules = policy,
  everyMs = minute,
) {
  let state = from;
  let resumed = false;
  let first = true;
  let samples = noSamples;
  const stored: LagSample[] = [];
  const steps: (readonly EventRecord[])[] = [];
  for (const [index, poll] of polls.entries()) {
    const { outcome, restarted = false } = asPoll(poll);
    const now = start + index * everyMs;
    if (restarted) {
      state = state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as MigrationState);
      resumed = state?.observation !== undefined;
      first = true;
      samples = collectSamples(stored);
    }
    const before = {
      target: orders,
      state,
      samples,
      cadence: 'default' as const,
      now,
      startedAt: now,
      resumed,
      downUntil: first ? now : undefined,
    };
    const after = applyPoll(before, resultOf(outcome), rules);
    const reported = typeof outcome === 'string' ? reportOutage(after.state, outcome, now) : undefined;
    if (typeof outcome !== 'string') resumed = false;
    first = false;
    ({ samples } = after);
    state = reported?.state ?? after.state;
    if (after.sample !== undefined) stored.push(after.sample);
    steps.push([...after.events, ...(reported?.events ?? [])]);
    if (state.settlement !== undefined) break;
  }
  return { steps, events: steps.flat(), last: steps.at(-1) ?? [], state };
}

function reportOutage(state: MigrationState, kind: Extract<Outcome, string>, now: number) {
  const member = {
    key: 'orders',
    groupId: orders.groupId,
    settled: state.settlement !== undefined,
    outage: state.outage,
    endedAt: now,
  };
  const scopes = new Scopes();
  scopes.setMembers([member]);
  if (outageVerdict(member, scopes, { now, policy }) !== 'report') return undefined;
  return reportMigration({ target: orders, now }, state, errorOf(kind), false);
}

function asPoll(poll: Outcome | PollOfHistory): PollOfHistory {
  return typeof poll === 'object' && 'outcome' in poll ? poll : { outcome: poll };
}
