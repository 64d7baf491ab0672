import { isoTime } from '../watch/migration/event-draft.ts';
import type { MigrationReport } from './report-model.ts';

/** Returns the reports as JSON. Fields that events have too have the same name. `now` in ms since 1970. */
export function toJson(reports: readonly MigrationReport[], now: number): string {
  return `${JSON.stringify({ madeAt: isoTime(now), migrations: reports.map(migration) }, undefined, 2)}\n`;
}

function migration(report: MigrationReport): object {
  const { name, groupId, liveMigrationId, labels, outcome, status, migrationHosts } = report;
  const { from, to, ready, windowRespected, lagAtCutover, phases, gaps, timeline, samples } = report;
  return {
    name,
    groupId,
    liveMigrationId,
    labels,
    outcome,
    status,
    migrationHosts,
    ...(from !== undefined && to !== undefined && period(from, to)),
    ...(ready && {
      readySince: isoTime(ready.since),
      readySinceKnown: ready.sinceKnown,
      deadline: isoTime(ready.deadline),
      deadlineEstimated: true,
      timesReady: ready.times,
      ...(outcome === 'complete' && to !== undefined && { readyForSeconds: seconds(ready.since, to) }),
    }),
    windowRespected,
    lagAtCutoverSeconds: lagAtCutover?.lagTimeSeconds,
    phases: phases.map(({ phase, ...times }) => ({ phase, ...period(times.from, times.to) })),
    unseen: gaps.map(({ reason, detail, ...times }) => ({
      because: reason,
      ...period(times.from, times.to),
      detail,
    })),
    timeline: timeline.map(({ at, level, event, text }) => ({ time: isoTime(at), level, event, msg: text })),
    lag: samples.map(({ observedAt, lagTimeSeconds }) => ({
      observedAt: isoTime(observedAt),
      lagTimeSeconds,
    })),
  };
}

function period(from: number, to: number | undefined): object {
  return to === undefined
    ? { from: isoTime(from) }
    : { from: isoTime(from), to: isoTime(to), seconds: seconds(from, to) };
}

function seconds(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 1000));
}
