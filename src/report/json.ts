import { isoTime } from '../watch/migration/event-draft.ts';
import type { Story } from './report-model.ts';

/** Returns the stories for programs, by the names of the events where these have one. `now` in ms since 1970. */
export function toJson(stories: readonly Story[], now: number): string {
  return `${JSON.stringify({ madeAt: isoTime(now), migrations: stories.map(migration) }, undefined, 2)}\n`;
}

function migration(story: Story): object {
  const { name, groupId, liveMigrationId, labels, outcome, status, migrationHosts } = story;
  const { from, to, ready, windowRespected, lagAtCutover, phases, unseen, timeline, samples } = story;
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
    unseen: unseen.map(({ because, detail, ...times }) => ({
      because,
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
