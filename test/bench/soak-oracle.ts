import { writeSync } from 'node:fs';
import type { PollResult } from '../../src/atlas/client.ts';
import type { MigrationId, MigrationReading } from '../../src/atlas/migration-resource.ts';
import { lifeOf, type Phase } from './soak-lives.ts';
import { type OutageEvent, SoakOutages } from './soak-outages.ts';

/** What is known of one migration that is being watched, independently of the watcher. */
interface Course {
  status?: string;
  ready: boolean;
  hosts?: string;
  absences: number;
  settled: boolean;
  /** Undocumented statuses that were read. */
  readonly unknown: Set<string>;
  /** Events that must come, in their order. */
  readonly expected: string[];
  /** What it lives through, and how far it was when last read. */
  readonly phases: readonly Phase[];
  phase: number;
}

const documented = new Set(['NEW', 'WORKING', 'COMPLETE', 'FAILED', 'EXPIRED']);
const final: Readonly<Record<string, string>> = {
  COMPLETE: 'migration.completed',
  FAILED: 'migration.failed',
  EXPIRED: 'migration.expired',
};
const disappeared = 'migration.disappeared';
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
]);
const mostProblems = 20;

/**
 * Knows from what polls read which transitions must be written, and compares what is written. What it keeps of a
 * migration goes when the migration is over, or it would itself be the leak that is looked for.
 */
export class SoakOracle {
  readonly #courses = new Map<string, Course>();
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
    this.outages.started();
  }

  /** Takes note of the end of a poll, at `now` in ms since 1970, before the watcher does. */
  polled({ groupId, liveMigrationId }: MigrationId, result: PollResult, now: number): void {
    const course = this.#course(liveMigrationId);
    this.outages.polled(groupId, liveMigrationId, result.ok, now);
    // A reload asks once more for what disappeared, and those that nobody could read of yet are still there.
    if (course.settled && !result.ok && course.expected.at(-1) === disappeared) return;
    if (course.settled) this.#problem(`${liveMigrationId} was polled though it is settled`);
    if (result.ok) this.#read(liveMigrationId, course, result.reading);
    else {
      course.absences =
        result.error.kind === 'not_found' && course.status !== undefined ? course.absences + 1 : 0;
      if (course.absences < 2) return;
      course.expected.push(disappeared);
      course.settled = true;
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
    if (event === disappeared) this.outages.disappeared(liveMigrationId);
    const course = this.#course(liveMigrationId);
    if (!judged.has(event)) return;
    const written = event === 'migration.status_changed' ? [event, record.from, record.to].join(' ') : event;
    const expected = course.expected.shift();
    this.transitions += 1;
    if (written !== expected)
      this.#problem(`${liveMigrationId}: "${written}" is written where "${expected ?? 'nothing'}" is due`);
  }

  /**
   * Returns whether a migration that is still remembered has ended and all of it is written: the end of the last poll of
   * one that is not watched any more is not reported.
   */
  isOver(liveMigrationId: string): boolean {
    const course = this.#courses.get(liveMigrationId);
    return course !== undefined && isOver(course);
  }

  /** Forgets the migrations that are over. */
  forgetSettled(): void {
    for (const [id, course] of this.#courses) if (isOver(course)) this.#courses.delete(id);
  }

  /** Checks, while no poll is under way, that nothing is still to be written. */
  checkQuiet(): void {
    for (const [id, course] of this.#courses) {
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

  #read(id: string, course: Course, { status, readyForCutover, migrationHosts }: MigrationReading): void {
    const { expected } = course;
    this.#follow(id, course, status, readyForCutover);
    course.absences = 0;
    if (status === undefined || migrationHosts === undefined) {
      this.#problem(`${id}: read half a body`);
      return;
    }
    if (course.status === undefined) expected.push('migration.first_seen');
    else if (course.status !== status) expected.push(`migration.status_changed ${course.status} ${status}`);
    if (!documented.has(status) && !course.unknown.has(status)) {
      course.unknown.add(status);
      expected.push('migration.unknown_status');
    }
    const ending = final[status];
    if (ending === undefined && readyForCutover !== course.ready) {
      expected.push(readyForCutover ? 'migration.ready_for_cutover' : 'migration.readiness_withdrawn');
      course.ready = readyForCutover === true;
    }
    const hosts = migrationHosts.join();
    if (course.hosts !== undefined && course.hosts !== hosts) expected.push('migration.hosts_changed');
    if (ending !== undefined) expected.push(ending);
    course.settled = ending !== undefined;
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

  #course(id: string): Course {
    const known = this.#courses.get(id);
    if (known !== undefined) return known;
    const course: Course = {
      ready: false,
      absences: 0,
      settled: false,
      unknown: new Set(),
      expected: [],
      phases: lifeOf(Number.parseInt(id, 16)),
      phase: 0,
    };
    this.#courses.set(id, course);
    return course;
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

function isOver({ settled, expected }: Course): boolean {
  return settled && expected.length === 0;
}
