import { laneWords } from '../watch/words.ts';
import type { MigrationReport } from './report-model.ts';
import { preciseMoment } from './words.ts';

/** Bars of one section: a renderer refuses a very long text, and more of them could not be distinguished. */
const mostBars = 20;

/**
 * Returns the phases of a migration as the text of a Mermaid Gantt chart, which GitHub and GitLab draw; empty without
 * phases. It has no text from elsewhere. `now` in ms since 1970.
 */
export function ganttOf(
  { phases, stalls, gaps, ready, outcome, stated }: MigrationReport,
  now: number,
): string {
  if (phases.length === 0) return '';
  const plannedAt = stated.plans.at(-1)?.plannedAt;
  const missed = (reason: string) =>
    gaps.filter((gap) => gap.reason === reason).map(({ from, to = now }) => ({ from, to }));
  const lines = [
    ...phases.map(({ phase, from, to }) =>
      bar(laneWords[phase], phase === 'ready' ? 'active' : 'done', from, to),
    ),
    ...(ready !== undefined && outcome === 'ready' && ready.deadline > now
      ? [bar('Window left', '', now, ready.deadline)]
      : []),
    ...(plannedAt === undefined
      ? []
      : [`    ${laneWords.planned} :milestone, ${preciseMoment(plannedAt)}, 0d`]),
  ];
  return [
    '---',
    'displayMode: compact',
    '---',
    'gantt',
    '    title Phases (UTC)',
    '    dateFormat YYYY-MM-DD HH:mm:ss',
    '    axisFormat %d %b %H:%M',
    '    todayMarker off',
    '    section Phases',
    ...lines,
    ...section(laneWords.stalled, stalls),
    ...section(laneWords.unreadable, missed('unreachable')),
    ...section(laneWords.not_watched, missed('not watched')),
  ].join('\n');
}

interface Times {
  readonly from: number;
  readonly to: number;
}

function section(name: string, times: readonly Times[]): readonly string[] {
  if (times.length === 0) return [];
  const longest = times
    .toSorted((one, other) => other.to - other.from - (one.to - one.from))
    .slice(0, mostBars)
    .toSorted((one, other) => one.from - other.from);
  return [`    section ${name}`, ...longest.map(({ from, to }) => bar(name, 'crit', from, to))];
}

function bar(name: string, tag: 'done' | 'active' | 'crit' | '', from: number, to: number): string {
  return `    ${name} :${tag === '' ? '' : `${tag}, `}${preciseMoment(from)}, ${preciseMoment(to)}`;
}
