import { type EventSign, eventSign } from '../events/event-sign.ts';
import { formatSpan } from '../events/format.ts';
import { laneWords } from '../watch/words.ts';
import { foldedTimeline, type TimelineLine } from './fold.ts';
import type { Gap, MigrationReport, Outcome, Reports } from './report-model.ts';
import { duration, gapSeconds, outcomeWords, preciseMoment } from './words.ts';

/** A table: its headings, and the texts of its cells. */
export type Rows = readonly [heading: readonly string[], rows: readonly (readonly string[])[]];

/** Resolves to the overview, with one row per migration. `now` in ms since 1970. */
export async function overviewOf(reports: Reports, now: number): Promise<Rows> {
  const heading = [
    'Migration',
    'Outcome',
    'Last read (UTC)',
    'Watched for',
    'Ready to complete',
    'Window',
    'Gaps in watching',
  ];
  const rows = await Array.fromAsync<MigrationReport, string[]>(reports, (report) => {
    const { name, outcome, from, to, ready, windowRespected, gaps } = report;
    if (from === undefined || to === undefined) return [name, outcomeWords[outcome], '–', '–', '–', '–', '–'];
    return [
      name,
      outcomeWords[outcome],
      preciseMoment(to),
      duration(from, to),
      ready !== undefined && outcome === 'complete' ? duration(ready.since, to) : '–',
      ready === undefined ? '–' : windowWord(windowRespected, outcome),
      gaps.length === 0 ? '–' : formatSpan(gapSeconds(gaps, now)),
    ];
  });
  return [heading, rows];
}

/** Returns the table of phases. */
export function phaseRows({ phases }: MigrationReport): Rows {
  const rows = phases.map(({ phase, from, to }) => [
    laneWords[phase],
    preciseMoment(from),
    preciseMoment(to),
    duration(from, to),
  ]);
  return [['Phase', 'From (UTC)', 'To (UTC)', 'Duration'], rows];
}

/** Returns the table of gaps in watching. `now` in ms since 1970. */
export function gapRows({ gaps }: MigrationReport, now: number): Rows {
  const rows = gaps.map((gap) => [
    preciseMoment(gap.from),
    gap.to === undefined ? 'ongoing' : preciseMoment(gap.to),
    duration(gap.from, gap.to ?? now),
    reasonText(gap),
  ]);
  return [['From (UTC)', 'To (UTC)', 'Duration', 'Reason'], rows];
}

function windowWord(windowRespected: boolean | undefined, outcome: Outcome): string {
  if (windowRespected === undefined) return outcome === 'ready' ? 'open' : '–';
  if (windowRespected) return 'in time';
  return outcome === 'ready' ? 'overdue' : 'too late';
}

function reasonText({ reason, detail }: Gap): string {
  const text =
    reason === 'unreachable'
      ? "Couldn't be read"
      : 'No watcher was running, or the migration was not in its configuration';
  return detail === undefined ? text : `${text}: ${detail}`;
}

/** Returns the timeline for people, with a sign for each line. */
export function timelineRows(report: MigrationReport): readonly (TimelineLine & EventSign)[] {
  return foldedTimeline(report).map((line) => ({ ...line, ...eventSign(line.event, line.level) }));
}
