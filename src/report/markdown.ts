import { escapeMarkdown } from './escape.ts';
import { ganttOf } from './gantt.ts';
import type { MigrationReport, Reports } from './report-model.ts';
import { gapRows, overviewOf, phaseRows, type Rows, timelineRows } from './rows.ts';
import { factsOf } from './summary.ts';
import { caveats, headingOf, lagText, moment, preciseMoment } from './words.ts';

/** Yields the parts of the reports as GitHub Flavored Markdown, for a change ticket. `now` in ms since 1970. */
export async function* toMarkdown(reports: Reports, now: number, title?: string): AsyncGenerator<string> {
  const isSingle = reports.length === 1;
  const heading = title ?? (isSingle ? undefined : 'Live migrations');
  if (heading !== undefined) yield `# ${escapeMarkdown(heading)}\n\n`;
  if (!isSingle) yield `${table(...(await overviewOf(reports, now)))}\n\n`;
  const level = heading === undefined ? '#' : '##';
  for await (const report of reports) yield `${chapter(report, now, level).join('\n\n')}\n\n`;
  yield `${caveats} Made by cutover-watch on ${moment(now)}.\n`;
}

function chapter(report: MigrationReport, now: number, level: string): readonly string[] {
  const { samples } = report;
  const section = (title: string, rows: Rows): string[] =>
    rows[1].length === 0 ? [] : [`${level}# ${title}`, table(...rows)];
  const events = timelineRows(report).map(({ at, sign, text }) => [preciseMoment(at), sign, text]);
  const gantt = ganttOf(report, now);
  return [
    `${level} ${escapeMarkdown(headingOf(report))}`,
    factsOf(report, now)
      .map(([fact, text]) => `- **${fact}:** ${escapeMarkdown(text)}`)
      .join('\n'),
    ...section('Phases', phaseRows(report)),
    ...(gantt === '' ? [] : [`\`\`\`mermaid\n${gantt}\n\`\`\``]),
    ...(samples.length === 0 ? [] : [`${level}# Lag behind the source`, lagText(samples)]),
    ...section('Gaps in watching', gapRows(report, now)),
    ...section('Timeline', [['Time (UTC)', 'Sign', 'Event'], events]),
  ];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(heading), `|${' --- |'.repeat(heading.length)}`, ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}
