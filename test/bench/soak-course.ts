import { lifeOf, type Phase } from './soak-lives.ts';

/** What is known of one migration that is being watched, independently of the watcher. Moments in ms since 1970. */
export interface Course {
  status?: string;
  ready: boolean;
  /** When its readiness was last withdrawn. */
  withdrawnAt?: number;
  /** Readings in a row without lag since one with lag, while it is ready. */
  withoutLag?: number;
  hosts?: string;
  /** While 404 is the only answer: how often, and when the first of these polls began. */
  absences: number;
  absentSince: number;
  /** How many of these polls ended after the time from which on it must be reported as gone. */
  overdue: number;
  /** It is reported as gone, or it has ended. */
  end: 'gone' | 'ended' | undefined;
  /** How often it was polled since its end. */
  readsSinceEnd: number;
  /** The end of its latest poll, and the run of the watcher in which that was. */
  polledAt: number;
  run: number;
  /** Undocumented statuses that were read. */
  readonly unknown: Set<string>;
  /** Events that must come, in their order. */
  readonly expected: string[];
  /** What it lives through, and how far it was when last read. */
  readonly phases: readonly Phase[];
  phase: number;
}

/** Returns what is known of a migration before its first poll. */
export function newCourse(id: string): Course {
  return {
    ready: false,
    absences: 0,
    absentSince: 0,
    overdue: 0,
    end: undefined,
    readsSinceEnd: 0,
    polledAt: 0,
    run: 0,
    unknown: new Set(),
    expected: [],
    phases: lifeOf(Number.parseInt(id, 16)),
    phase: 0,
  };
}

/** Something else than 404 was answered. */
export function noAbsence(course: Course): void {
  course.absences = 0;
  course.overdue = 0;
}

/** It starts over. */
export function forgetReadiness(course: Course): void {
  course.ready = false;
  delete course.withdrawnAt;
  delete course.withoutLag;
}
