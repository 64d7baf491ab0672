import { isoTime } from '../watch/migration/event-draft.ts';
import type { MigrationReport, Reports } from './report-model.ts';

/**
 * Yields the lines of the reports as JSON: one report after the other. Fields that events have too have the same name.
 * `now` in ms since 1970.
 */
export async function* toJson(reports: Reports, now: number, title?: string): AsyncGenerator<string> {
  const titleLine = title === undefined ? '' : `  "title": ${JSON.stringify(title)},\n`;
  yield `{\n${titleLine}  "madeAt": ${JSON.stringify(isoTime(now))},\n  "migrations": [\n`;
  let left = reports.length;
  for await (const report of reports) {
    left -= 1;
    const text = JSON.stringify(migration(report), undefined, 2).replaceAll('\n', '\n    ');
    yield `    ${text}${left > 0 ? ',' : ''}\n`;
  }
  yield '  ]\n}\n';
}

function migration(report: MigrationReport): object {
  const { name, groupId, liveMigrationId, labels, outcome, status, migrationHosts } = report;
  const { from, to, ready, windowRespected, lagAtCutover, stated, phases, gaps, stalls, timeline, samples } =
    report;
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
      deadlineEstimated: stated.end === undefined,
      deadlineSource: stated.end?.source ?? 'estimated',
      deadlineAuthor: stated.end?.author,
      deadlineComment: stated.end?.comment,
      timesReady: ready.times,
      firstReadySince: ready.first && isoTime(ready.first.since),
      ...(outcome === 'complete' && to !== undefined && { readyForSeconds: seconds(ready.since, to) }),
    }),
    windowRespected,
    lagAtCutoverSeconds: lagAtCutover?.lagTimeSeconds,
    acknowledgements: stated.acknowledgements.map(({ at, until, author, comment }) => ({
      at: isoTime(at),
      until: until === undefined ? undefined : isoTime(until),
      author,
      comment,
    })),
    plans: stated.plans.map(
      ({ at, plannedAt, durationSeconds, source, author, comment, outcome: result }) => ({
        at: isoTime(at),
        plannedAt: plannedAt === undefined ? undefined : isoTime(plannedAt),
        planDurationSeconds: durationSeconds,
        source,
        author,
        comment,
        outcome: result,
      }),
    ),
    phases: phases.map(({ phase, ...times }) => ({ phase, ...period(times.from, times.to) })),
    unseen: gaps.map(({ reason, detail, ...times }) => ({
      because: reason,
      ...period(times.from, times.to),
      detail,
    })),
    stalls: stalls.map(({ from: begin, to: end }) => period(begin, end)),
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
