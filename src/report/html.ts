import { escapeHtml } from './escape.ts';
import { style } from './html-style.ts';
import { lagPlot } from './lag-plot.ts';
import type { MigrationReport, Outcome, Reports } from './report-model.ts';
import { gapRows, overviewOf, phaseRows } from './rows.ts';
import { factsOf } from './summary.ts';
import { caveats, lagText, moment, outcomeWords, preciseMoment } from './words.ts';

const tones: Readonly<Record<Outcome, 'good' | 'bad' | 'open'>> = {
  complete: 'good',
  failed: 'bad',
  expired: 'bad',
  gone: 'bad',
  ready: 'open',
  'under way': 'open',
  'never seen': 'open',
};

/** Yields the parts of the reports as one HTML file, which loads nothing and runs no script. `now` in ms since 1970. */
export function* toHtml(reports: Reports, now: number): Generator<string> {
  const [only] = reports.length === 1 ? reports : [];
  const isSingle = only !== undefined;
  const title = isSingle ? `${only.name}: ${outcomeWords[only.outcome].toLowerCase()}` : 'Live migrations';
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${isSingle ? '' : overview(reports, now)}
`;
  let number = 0;
  for (const report of reports) {
    number += 1;
    yield `${article(report, `m${number}`, isSingle ? 1 : 2, now)}\n`;
  }
  yield `<footer>${caveats} Made by cutover-watch on ${moment(now)}.</footer>
</body>
</html>
`;
}

function overview(reports: Reports, now: number): string {
  const [heading, rows] = overviewOf(reports, now);
  const cells = escaped(rows).map(([name = '', ...others], index) => [
    `<a href="#m${index + 1}">${name}</a>`,
    ...others,
  ]);
  return `<section class="overview"><h1>Live migrations</h1>\n${table(heading, cells, 0)}</section>`;
}

function article(report: MigrationReport, id: string, level: 1 | 2, now: number): string {
  const { name, outcome, timeline, samples } = report;
  const facts = escaped(factsOf(report, now)).map(([fact, text]) => `<dt>${fact}</dt><dd>${text}</dd>`);
  const badge = `<span class="outcome ${tones[outcome]}">${outcomeWords[outcome]}</span>`;
  const [phaseHeading, phases] = phaseRows(report);
  const [gapHeading, gaps] = gapRows(report, now);
  const events = timeline.map(({ at, level: eventLevel, text }) => [
    preciseMoment(at),
    `<span class="${eventLevel}">${eventLevel}</span>`,
    escapeHtml(text),
  ]);
  return [
    `<article id="${id}"><h${level}>${escapeHtml(name)} ${badge}</h${level}>`,
    `<dl>${facts.join('\n')}</dl>`,
    samples.length === 0 ? '' : lagSection(report, id, now),
    section('Phases', table(phaseHeading, escaped(phases))),
    section('Observation gaps', table(gapHeading, escaped(gaps), 3)),
    section('Timeline', table(['Time (UTC)', 'Level', 'Event'], events, 2)),
    '</article>',
  ].join('\n');
}

function lagSection(report: MigrationReport, id: string, now: number): string {
  const hatch = report.gaps.length === 0 ? '' : ' Hatched: observation gaps.';
  const caption = `<figcaption>${escapeHtml(lagText(report.samples))}${hatch}</figcaption>`;
  return section(
    'Lag behind the source',
    `<figure><div class="scroll">${lagPlot(report, id, now)}</div>${caption}</figure>`,
  );
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<h3>${title}</h3>\n${content}`;
}

function escaped(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return rows.map((cells) => cells.map(escapeHtml));
}

/** Returns a table of cells that are HTML; empty without rows. Only cells of the column `prose` wrap. */
function table(heading: readonly string[], rows: readonly (readonly string[])[], prose?: number): string {
  if (rows.length === 0) return '';
  const headings = heading.map((text) => `<th scope="col">${text}</th>`).join('');
  const lines = rows.map((cells) => {
    const line = cells.map((cell, index) => `<td${index === prose ? '' : ' class="short"'}>${cell}</td>`);
    return `<tr>${line.join('')}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${headings}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
}
