import { escapeMarkdown } from './escape.ts';
import type { MigrationReport, Reports } from './report-model.ts';
import { gapRows, overviewOf, phaseRows, type Rows } from './rows.ts';
import { factsOf } from './summary.ts';
import { caveats, lagText, moment, outcomeWords, preciseMoment } from './words.ts';

/** Yields the parts of the reports as GitHub Flavored Markdown, for a change ticket. `now` in ms since 1970. */
export function* toMarkdown(reports: Reports, now: number): Generator<string> {
  const isSingle = reports.length === 1;
  if (!isSingle) yield `# Live migrations\n\n${table(...overviewOf(reports, now))}\n\n`;
  for (const report of reports) yield `${chapter(report, now, isSingle ? '#' : '##').join('\n\n')}\n\n`;
  yield `${caveats} Made by cutover-watch on ${moment(now)}.\n`;
}

function chapter(report: MigrationReport, now: number, level: string): readonly string[] {
  const { name, outcome, timeline, samples } = report;
  const section = (title: string, rows: Rows): string[] =>
    rows[1].length === 0 ? [] : [`${level}# ${title}`, table(...rows)];
  const events = timeline.map(({ at, level: eventLevel, text }) => [preciseMoment(at), eventLevel, text]);
  return [
    `${level} ${escapeMarkdown(name)}: ${outcomeWords[outcome].toLowerCase()}`,
    table(['', ''], factsOf(report, now)),
    ...section('Phases', phaseRows(report)),
    ...(samples.length === 0 ? [] : [`${level}# Lag behind the source`, lagText(samples)]),
    ...section('Observation gaps', gapRows(report, now)),
    ...section('Timeline', [['Time (UTC)', 'Level', 'Event'], events]),
  ];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(heading), `|${' --- |'.repeat(heading.length)}`, ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}
