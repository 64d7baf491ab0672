import type { ErrorType, ScopeOutage } from '../../../src/state/migration-state.ts';
import { afterFailedPoll, isUnreachable, retryAfterMs } from '../../../src/watch/migration/reachability.ts';
import { nextScopeOutage } from '../../../src/watch/outage/circuit-breaker.ts';
import type { ScopeMember } from '../../../src/watch/outage/evidence.ts';
import { type ProbeRequest, Scopes } from '../../../src/watch/outage/scopes.ts';
import { outageVerdict } from '../../../src/watch/outage/verdict.ts';
import type { OutagePolicy } from '../../../src/watch/policy.ts';

export const start = Date.UTC(2026, 10, 24, 12);
export const second = 1_000;
export const minute = 60_000;
export const hour = 3_600_000;
export const policy: OutagePolicy = { unreachableAfterMs: 90 * second, outageRemindEveryMs: 0 };

export type Result = 'ok' | ErrorType;

export interface SimulatedMigration {
  readonly key: string;
  readonly groupId: string;
  /** Its schedule: a poll every so many ms, the first one after `offsetMs`. */
  readonly everyMs: number;
  readonly offsetMs: number;
}

/** What a reader of the log sees, and when, in ms since the start. */
export interface Report {
  readonly event: 'unreachable' | 'reminder' | 'recovered';
  /** `account`, the id of a project or the key of a migration. */
  readonly of: string;
  readonly migrations: number;
  readonly atMs: number;
}

export interface Poll {
  readonly key: string;
  readonly atMs: number;
  readonly result: Result;
}

interface Entry {
  readonly migration: SimulatedMigration;
  member: ScopeMember;
  dueAt: number;
  probes: ProbeRequest | undefined;
}

/** Plays the watcher: a clock that looks once a second, polls that take no time, and the decisions about outages. */
export class SimulatedFleet {
  readonly reports: Report[] = [];
  readonly polls: Poll[] = [];
  now = start;
  #entries = new Map<string, Entry>();
  #scopes = new Scopes();
  readonly #policy: OutagePolicy;

  constructor(migrations: readonly SimulatedMigration[], outagePolicy: OutagePolicy = policy) {
    this.#policy = outagePolicy;
    this.replace(migrations);
  }

  get openScopes(): readonly ScopeOutage[] {
    return this.#scopes.openScopes;
  }

  get members(): readonly ScopeMember[] {
    return [...this.#entries.values()].map(({ member }) => member);
  }

  /** Takes another configuration; those that stay keep what is known of them. */
  replace(migrations: readonly SimulatedMigration[]): void {
    const former = this.#entries;
    this.#entries = new Map(
      migrations.map((migration) => [migration.key, former.get(migration.key) ?? this.#entryOf(migration)]),
    );
    this.#scopes.setMembers(this.members);
    this.#step(this.#scopes.openScopes);
  }

  /** Forgets what is not persisted. */
  restart(): void {
    this.#scopes = new Scopes(this.#scopes.openScopes);
    for (const entry of this.#entries.values()) {
      entry.member = { ...entry.member, endedAt: undefined };
      entry.probes = undefined;
      entry.dueAt = this.now + entry.migration.offsetMs;
    }
    this.#scopes.setMembers(this.members);
  }

  /** Lets time pass; `answer` gives the result of each poll by the key and the ms since the start. */
  run(forMs: number, answer: (key: string, atMs: number) => Result): void {
    const end = this.now + forMs;
    while (this.now < end) {
      const next = this.now + second;
      let entry = this.#nextDue(next);
      while (entry !== undefined) {
        this.now = Math.max(this.now, entry.dueAt);
        this.#visit(entry, answer);
        entry = this.#nextDue(next);
      }
      this.now = next;
      for (const each of this.#entries.values()) this.#decide(each);
    }
  }

  /** Those that are unreachable though neither they nor a scope that covers them are reported. */
  get silent(): readonly ScopeMember[] {
    return this.members.filter(
      ({ outage, groupId }) =>
        outage !== undefined &&
        isUnreachable(outage, this.now, this.#policy) &&
        outage.reportedAt === undefined &&
        this.#scopes.coveringScope(groupId) === undefined,
    );
  }

  #entryOf(migration: SimulatedMigration): Entry {
    const { key, groupId, offsetMs } = migration;
    const member = { key, groupId, settled: false, outage: undefined, endedAt: undefined };
    return { migration, member, dueAt: this.now + offsetMs, probes: undefined };
  }

  #nextDue(before: number): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.#entries.values())
      if (entry.dueAt < before && (next === undefined || entry.dueAt < next.dueAt)) next = entry;
    return next;
  }

  #visit(entry: Entry, answer: (key: string, atMs: number) => Result): void {
    const { key, groupId, everyMs } = entry.migration;
    entry.dueAt = this.now + everyMs;
    if (this.#scopes.isHeldBack(key, groupId)) return;
    const atMs = this.now - start;
    const result = answer(key, atMs);
    this.polls.push({ key, atMs, result });
    const { outage } = entry.member;
    if (result === 'ok') {
      if (outage?.reportedAt !== undefined) this.#report('recovered', key);
      entry.member = { ...entry.member, outage: undefined, endedAt: this.now };
    } else {
      const failed = afterFailedPoll(outage, result, { startedAt: this.now, wasSeen: false });
      entry.member = { ...entry.member, outage: failed, endedAt: this.now };
      entry.dueAt = this.now + (retryAfterMs(failed) ?? everyMs);
    }
    this.#scopes.update(entry.member);
    this.#step(this.#scopes.openAround(groupId), result);
    this.#decide(entry);
  }

  #step(scopes: readonly ScopeOutage[], result?: Result): void {
    for (const open of scopes) {
      const polled = { now: this.now, ...(result !== undefined && { result }) };
      const step = nextScopeOutage(open, this.#scopes.health(open), polled, this.#policy.outageRemindEveryMs);
      if (step.state === 'closed') {
        this.#scopes.close(open, this.now);
        this.#report('recovered', open.groupId ?? 'account', open.migrations);
      } else {
        this.#scopes.keep(step.outage);
        if (step.reminder) this.#report('reminder', open.groupId ?? 'account', step.outage.migrations);
      }
    }
  }

  #decide(entry: Entry): void {
    const { member, probes } = entry;
    const context = { now: this.now, policy: this.#policy, ...(probes !== undefined && { probes }) };
    const verdict = outageVerdict(member, this.#scopes, context);
    if (verdict === 'none') return;
    if (verdict === 'probe_others') {
      const keys = this.#scopes.othersToProbe(member);
      entry.probes = { askedAt: this.now, keys };
      for (const key of keys) {
        const other = this.#entries.get(key);
        if (other !== undefined) other.dueAt = this.now;
      }
    } else if (verdict === 'report' || verdict === 'remind') {
      if (member.outage !== undefined)
        entry.member = { ...member, outage: { ...member.outage, reportedAt: this.now } };
      this.#report(verdict === 'report' ? 'unreachable' : 'reminder', member.key);
    } else {
      const isOpen = this.#scopes.openScopes.some((open) => open.groupId === verdict.open.groupId);
      this.#scopes.open(verdict.open);
      this.#report(
        isOpen ? 'reminder' : 'unreachable',
        verdict.open.groupId ?? 'account',
        verdict.open.migrations,
      );
    }
  }

  #report(event: Report['event'], of: string, migrations = 1): void {
    this.reports.push({ event, of, migrations, atMs: this.now - start });
  }
}

/** Returns `count` migrations in `projects` projects, `m0` to `mN` in turn in `p0` to `pN`, polled every 30 s at spread offsets. */
export function evenFleet(
  count: number,
  projects: number,
  everyMs = 30 * second,
): readonly SimulatedMigration[] {
  return Array.from({ length: count }, (_, number) => ({
    key: `m${number}`,
    groupId: `p${number % projects}`,
    everyMs,
    // A step that shares no factor with the count spreads the offsets over the interval in no order of the projects.
    offsetMs: Math.floor((((number * 77) % count) * everyMs) / count),
  }));
}
