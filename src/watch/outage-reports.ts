import type { AtlasError } from '../atlas/atlas-error.ts';
import type { PollResult } from '../atlas/client.ts';
import { type ScopeOutage, scopeKey } from '../state/migration-state.ts';
import type { Recorder } from '../state/recorder.ts';
import type { Fleet, WatchedMigration } from './fleet.ts';
import { silencesOutage } from './migration/acknowledgement.ts';
import { wouldDisappear } from './migration/failed-poll.ts';
import { nextScopeOutage, type ScopeStep } from './outage/circuit-breaker.ts';
import { isOwnFault } from './outage/evidence.ts';
import { reportMigration, scopeRecovered, scopeUnreachable } from './outage/outage-events.ts';
import { outageVerdict } from './outage/verdict.ts';
import type { OutagePolicy, WatchPlan } from './policy.ts';

/**
 * Reports outages of migrations and of scopes, as the functions in `outage/` decide, and records what was reported. Each
 * method returns the migrations to poll at once: others that may share the outage, or all that refused credentials held
 * back.
 */
export class OutageReports {
  readonly #fleet: Fleet;
  readonly #recorder: Recorder;
  readonly #plan: Pick<WatchPlan, 'planFor'>;

  constructor(fleet: Fleet, recorder: Recorder, plan: Pick<WatchPlan, 'planFor'>) {
    this.#fleet = fleet;
    this.#recorder = recorder;
    this.#plan = plan;
  }

  /** Steps the scopes of a migration after a poll of it ended, and decides about its own outage. */
  afterPoll(migration: WatchedMigration, result: PollResult, now: number): readonly WatchedMigration[] {
    const { scopes } = this.#fleet;
    const { groupId } = migration.target;
    const error = result.ok ? undefined : result.error;
    const poll = { now, result: error?.kind ?? ('ok' as const) };
    // A reminder carries the fault of the scope, so only a poll that failed by it brings one.
    const isShared = error !== undefined && !isOwnFault(error.kind);
    const remindEveryMs = isShared ? this.#policyOf(migration).outageRemindEveryMs : 0;
    const changes = scopes.openAround(groupId).flatMap((open) => {
      const step = nextScopeOutage(open, scopes.health(open), poll, remindEveryMs);
      return this.#take(open, step, now, { key: migration.key, error });
    });
    return [...changes, ...this.check(migration, now)];
  }

  /** Decides about the outage of one migration by the clock. To be called once a second. */
  check(migration: WatchedMigration, now: number): readonly WatchedMigration[] {
    const { latest, target } = migration;
    // First, as almost all were read, and a state takes a lookup.
    if (latest === undefined || latest === 'read') return [];
    const state = this.#recorder.state(target);
    if (state?.outage === undefined) return [];
    const { scopes } = this.#fleet;
    const member = this.#fleet.memberOf(migration);
    const policy = this.#policyOf(migration);
    const verdict = outageVerdict(member, scopes, { now, policy, probes: migration.probes });
    switch (verdict) {
      case 'none':
        return [];
      case 'probe_others': {
        const keys = scopes.othersToProbe(member);
        migration.probes = { askedAt: now, keys };
        return this.#all(keys);
      }
      case 'report':
      case 'remind': {
        if (verdict === 'remind' && silencesOutage(state, now)) return [];
        const { groupId, liveMigrationId } = target;
        const reported = reportMigration({ target, now }, state, latest, verdict === 'remind');
        this.#recorder.record({
          migration: { groupId, liveMigrationId, state: reported.state },
          events: reported.events,
        });
        return [];
      }
      default: {
        const key = scopeKey(verdict.open);
        // A scope that turns out to have another fault stays one outage.
        const former = scopes.openScopes.find((open) => scopeKey(open) === key);
        const outage = { ...verdict.open, since: former?.since ?? verdict.open.since };
        scopes.open(outage);
        this.#recorder.record({
          events: [scopeUnreachable(outage, latest, now, former !== undefined)],
          outages: [{ key, outage }],
        });
        return [];
      }
    }
  }

  /**
   * Returns whether a failure at `now`, of a poll that began at `startedAt` (both ms since 1970), would end a migration for Atlas while
   * most of its project or of the account is answered with 404 as well.
   */
  isNotFoundShared(
    migration: WatchedMigration,
    { kind }: AtlasError,
    { startedAt, now }: { readonly startedAt: number; readonly now: number },
  ): boolean {
    const state = this.#recorder.state(migration.target);
    if (kind !== 'not_found' || !wouldDisappear(state, startedAt, now)) return false;
    return this.#fleet.scopes.isNotFoundShared(this.#fleet.memberOf(migration));
  }

  /** Closes scopes that a start or a reload leaves with too few members. */
  afterMembersChanged(now: number): readonly WatchedMigration[] {
    const { scopes } = this.#fleet;
    return scopes.openScopes.flatMap((open) =>
      this.#take(open, nextScopeOutage(open, scopes.health(open), { now }, 0), now),
    );
  }

  /** Takes a step of an open scope, after the poll of a migration where there was one. */
  #take(
    open: ScopeOutage,
    step: ScopeStep,
    now: number,
    { key: polled, error }: { readonly key?: string; readonly error?: AtlasError | undefined } = {},
  ): readonly WatchedMigration[] {
    const { scopes } = this.#fleet;
    const key = scopeKey(open);
    if (step.state === 'closed') {
      scopes.close(open, now);
      const tooFew = polled === undefined ? 'reload' : 'settled';
      const endedBy = step.reason === 'recovered' ? undefined : tooFew;
      this.#recorder.record({
        events: [scopeRecovered(open, now, endedBy)],
        outages: [{ key, outage: undefined }],
      });
      return open.errorType === 'unauthorized' ? this.#heldBackBy(open, polled) : [];
    }
    const { outage, reminder } = step;
    scopes.keep(outage);
    const stored = this.#recorder.openOutages.find((each) => scopeKey(each) === key);
    const isReminder = reminder && error !== undefined;
    if (isReminder || stored?.probe !== outage.probe)
      this.#recorder.record({
        events: isReminder ? [scopeUnreachable(outage, error, now, true)] : [],
        outages: [{ key, outage }],
      });
    return [];
  }

  /** Those that refused credentials held back: all of the scope but the one that was just polled. */
  #heldBackBy({ groupId }: ScopeOutage, polled: string | undefined): readonly WatchedMigration[] {
    return [...this.#fleet.all].filter(
      ({ key, target }) => key !== polled && (groupId === undefined || target.groupId === groupId),
    );
  }

  #policyOf({ target }: WatchedMigration): OutagePolicy {
    return this.#plan.planFor(target).policy;
  }

  #all(keys: readonly string[]): readonly WatchedMigration[] {
    return keys.map((key) => this.#fleet.get(key)).filter((migration) => migration !== undefined);
  }
}
