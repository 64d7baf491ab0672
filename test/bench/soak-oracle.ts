import { writeSync } from 'node:fs';
import type { PollResult } from '../../src/atlas/client.ts';
import type { MigrationId, MigrationReading } from '../../src/atlas/migration-resource.ts';
import { type Course, forgetReadiness, newCourse, noAbsence } from './soak-course.ts';
import { soakWindowMs } from './soak-lives.ts';
import { type OutageEvent, SoakOutages } from './soak-outages.ts';

const documented = new Set(['NEW', 'WORKING', 'COMPLETE', 'FAILED', 'EXPIRED']);
const final: Readonly<Record<string, string>> = {
  COMPLETE: 'migration.completed',
  FAILED: 'migration.failed',
  EXPIRED: 'migration.expired',
};
const disappeared = 'migration.disappeared';
/** A migration is gone when 404 was the only answer for so long, and on so many polls. */
const gone = { afterMs: 10 * 60_000, polls: 3 } as const;
/** So many polls later it must have been reported; right after a start others that are gone may delay it. */
const patience = 3;
/** How often one that is gone or has ended is still read. */
const readEveryMs = { gone: 10 * 60_000, ended: 3_600_000 } as const;
/** The watcher looks at the clock a moment before and after this. */
const slackMs = 1_000;
/** A queue of polls and a few steps of the clock may come between. */
const readLateMs = 4 * 60_000;
/** A readiness that comes back within this time continues its window. */
const continuedMs = soakWindowMs / 10;
/** So many readings without lag are taken for the beginning of the cutover. */
const withoutLagNeeded = 3;
const judged = new Set([
  'migration.first_seen',
  'migration.status_changed',
  'migration.unknown_status',
  'migration.ready_for_cutover',
  'migration.readiness_withdrawn',
  'migration.hosts_changed',
  'migration.completed',
  'migration.failed',
  'migration.expired',
  disappeared,
  'migration.cutover_started',
]);
const continued = ' in the same window';
const mostProblems = 20;

/**
 * Knows from what polls read which transitions must be written, and compares what is written. What it keeps of a
 * migration goes when the migration is not watched any more, or it would itself be the leak that is looked for.
 */
export class SoakOracle {
  readonly #courses = new Map<string, Course>();
  #run = 0;
  readonly #idsFile: number;
  #ids: string[] = [];
  /** How often each event was written. */
  readonly counts = new Map<string, number>();
  transitions = 0;
  readonly outages = new SoakOutages();
  problemCount = 0;
  readonly problems: string[] = [];

  /** `idsFile`: where the ids of events are kept, away from the heap that is measured. */
  constructor(idsFile: number) {
    this.#idsFile = idsFile;
  }

  /** Takes note of a start of the watcher. */
  started(): void {
    this.#run += 1;
    this.outages.started();
  }

  /** Takes note of what is watched from now on. What else is known is forgotten. */
  watch(ids: Iterable<string>): void {
    const former = new Map(this.#courses);
    this.#courses.clear();
    for (const id of ids) this.#courses.set(id, former.get(id) ?? newCourse(id));
  }

  /** Takes note of the end of a poll, from `startedAt` to `now` in ms since 1970, before the watcher does. */
  polled(id: MigrationId, result: PollResult, { startedAt, now }: { startedAt: number; now: number }): void {
    const { groupId, liveMigrationId } = id;
    const course = this.#courses.get(liveMigrationId);
    // The last poll of one that is not watched any more is not reported.
    if (course === undefined) return;
    if (course.end !== undefined) {
      course.readsSinceEnd += 1;
      const earliest = course.polledAt + readEveryMs[course.end] - slackMs;
      // The window of one that is gone runs on, and its warnings ask for a poll.
      const isWarned = course.end === 'gone' && course.ready;
      const isEarly = course.run === this.#run && startedAt < earliest && !isWarned;
      // One more poll may have been asked for, to find the scope of an outage, while the poll that showed the end was under way.
      if (isEarly && course.readsSinceEnd > 1)
        this.#problem(
          `${liveMigrationId}: polled ${earliest - startedAt} ms too early, as it is ${course.end}`,
        );
    }
    course.polledAt = now;
    course.run = this.#run;
    // Of one that is gone or has ended, nothing is expected.
    if (result.ok || course.end === undefined) this.outages.polled(groupId, liveMigrationId, result.ok, now);
    if (result.ok) this.#read(liveMigrationId, course, result.reading, now);
    else if (result.error.kind !== 'not_found' || course.status === undefined) noAbsence(course);
    else {
      if (course.absences === 0) course.absentSince = startedAt;
      course.absences += 1;
      if (course.absences > gone.polls && now - course.absentSince > gone.afterMs + slackMs)
        course.overdue += 1;
    }
  }

  /** Takes note of a line that was written. */
  written(line: string): void {
    const record = JSON.parse(line) as Record<string, unknown>;
    const { event, eventId, liveMigrationId } = record;
    if (typeof event !== 'string') return;
    this.counts.set(event, (this.counts.get(event) ?? 0) + 1);
    if (typeof eventId === 'string') this.#keepId(eventId);
    if (isOutageEvent(record)) this.outages.written(record);
    if (typeof liveMigrationId !== 'string') return;
    if (!judged.has(event)) return;
    this.transitions += 1;
    const course = this.#courses.get(liveMigrationId);
    if (event === disappeared && course?.expected.length === 0) {
      this.#disappeared(liveMigrationId, course);
      return;
    }
    const written = textOf(event, record);
    const expected = course?.expected.shift();
    if (written !== expected)
      this.#problem(`${liveMigrationId}: "${written}" is written where "${expected ?? 'nothing'}" is due`);
  }

  /** Returns whether a migration is read only now and then, as it is gone or has ended. */
  isSettled(liveMigrationId: string): boolean {
    return this.#courses.get(liveMigrationId)?.end !== undefined;
  }

  /** Returns whether nothing more comes of a migration, all of it is written, and it was read once more since its end. */
  isOver(liveMigrationId: string): boolean {
    const course = this.#courses.get(liveMigrationId);
    if (course?.end === undefined || course.expected.length > 0) return false;
    return course.readsSinceEnd > 0 && course.phase === course.phases.length - 1;
  }

  /** Checks at `now` (ms since 1970), while no poll is under way, that nothing is still to be written or to be read. */
  checkQuiet(now: number): void {
    for (const [id, course] of this.#courses) {
      const { end, run, polledAt, overdue } = course;
      if (run !== this.#run) this.#problem(`${id}: not polled since the start`);
      else if (end !== undefined && now - polledAt > readEveryMs[end] + readLateMs)
        this.#problem(`${id}: not polled for ${now - polledAt} ms, though it may be back`);
      if (end === undefined && overdue >= patience)
        this.#problem(
          `${id}: nothing but 404 for ${polledAt - course.absentSince} ms, and not reported as gone`,
        );
      if (course.expected.length > 0) this.#problem(`${id}: never written: ${course.expected.join(', ')}`);
      course.expected.length = 0;
    }
    this.outages.checkQuiet();
    this.flushIds();
  }

  flushIds(): void {
    if (this.#ids.length > 0) writeSync(this.#idsFile, `${this.#ids.join('\n')}\n`);
    this.#ids = [];
  }

  #read(id: string, course: Course, reading: MigrationReading, now: number): void {
    const { status, readyForCutover, migrationHosts, lagTimeSeconds } = reading;
    const { expected, end } = course;
    this.#follow(id, course, status, readyForCutover);
    noAbsence(course);
    if (status === undefined || migrationHosts === undefined) {
      this.#problem(`${id}: read half a body`);
      return;
    }
    const former = end === 'gone' ? 'DISAPPEARED' : course.status;
    if (former === undefined) expected.push('migration.first_seen');
    else if (former !== status) expected.push(`migration.status_changed ${former} ${status}`);
    if (!documented.has(status) && !course.unknown.has(status)) {
      course.unknown.add(status);
      expected.push('migration.unknown_status');
    }
    const ending = final[status];
    // One that is retried starts over.
    if (ending === undefined && end === 'ended') forgetReadiness(course);
    if (ending === undefined && readyForCutover !== course.ready) {
      const isContinued = now - (course.withdrawnAt ?? 0) <= continuedMs;
      if (readyForCutover) expected.push(`migration.ready_for_cutover${isContinued ? continued : ''}`);
      else expected.push('migration.readiness_withdrawn');
      course.ready = readyForCutover === true;
      if (!readyForCutover) course.withdrawnAt = now;
      else if (!isContinued) delete course.withoutLag;
    }
    const hosts = migrationHosts.join();
    if (course.hosts !== undefined && course.hosts !== hosts) expected.push('migration.hosts_changed');
    if (ending !== undefined && former !== status) expected.push(ending);
    if (ending === undefined && course.ready && this.#isCutover(course, status, lagTimeSeconds))
      expected.push('migration.cutover_started');
    if (ending === undefined || former !== status) course.readsSinceEnd = 0;
    course.end = ending === undefined ? undefined : 'ended';
    course.status = status;
    course.hosts = hosts;
  }

  /** What is read must be what the migration lives through, in that order. */
  #follow(id: string, course: Course, status: string | undefined, ready: boolean | undefined): void {
    const phase = course.phases.findIndex(
      (each, index) => index >= course.phase && each.status === status && each.ready === ready,
    );
    if (phase === -1) this.#problem(`${id}: read ${status} ready=${ready}, which was never served by then`);
    else if (phase > course.phase) course.phase = phase;
  }

  /** Returns whether this reading, of one that is ready, is the one that shows that the cutover has begun. */
  #isCutover(course: Course, status: string, lagTimeSeconds: number | undefined): boolean {
    if (lagTimeSeconds !== undefined) course.withoutLag = 0;
    else if (course.withoutLag !== undefined && status === 'WORKING') course.withoutLag += 1;
    return lagTimeSeconds === undefined && course.withoutLag === withoutLagNeeded;
  }

  /** What is reported as gone must have been answered with nothing but 404 for long enough, as its life has it. */
  #disappeared(id: string, course: Course): void {
    const { end, absences, absentSince, polledAt, phases } = course;
    const isGone = absences >= gone.polls && polledAt - absentSince >= gone.afterMs - slackMs;
    if (end !== undefined || !isGone)
      this.#problem(`${id}: gone after ${absences} times 404 in ${polledAt - absentSince} ms, being ${end}`);
    const phase = phases.findIndex(({ status }, index) => index >= course.phase && status === undefined);
    if (phase === -1) this.#problem(`${id}: gone, which it was not by then`);
    else course.phase = phase;
    course.end = 'gone';
    course.readsSinceEnd = 0;
    this.outages.disappeared(id);
  }

  #keepId(id: string): void {
    this.#ids.push(id);
    if (this.#ids.length >= 1_000) this.flushIds();
  }

  #problem(text: string): void {
    this.problemCount += 1;
    if (this.problems.length < mostProblems) this.problems.push(text);
  }
}

function isOutageEvent(record: object): record is OutageEvent {
  return (
    'event' in record && (record.event === 'watcher.unreachable' || record.event === 'watcher.recovered')
  );
}

/** Returns an event with those of its fields that are judged. */
function textOf(event: string, { from, to, windowContinued }: Record<string, unknown>): string {
  if (event === 'migration.status_changed') return [event, from, to].join(' ');
  return windowContinued === true ? event + continued : event;
}
