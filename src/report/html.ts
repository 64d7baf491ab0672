import { laneWords } from '../watch/words.ts';
import { escapeHtml } from './escape.ts';
import { style } from './html-style.ts';
import { lagPlot } from './lag-plot.ts';
import type { MigrationReport, Outcome, Reports } from './report-model.ts';
import { gapRows, overviewOf, phaseRows, type Rows, timelineRows } from './rows.ts';
import { factsOf } from './summary.ts';
import { caveats, headingOf, lagText, moment, outcomeWords, preciseMoment } from './words.ts';

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
export async function* toHtml(reports: Reports, now: number, title?: string): AsyncGenerator<string> {
  const [only] = reports.length === 1 ? await Array.fromAsync(reports) : [];
  const heading = title ?? (only === undefined ? 'Live migrations' : undefined);
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(heading ?? (only === undefined ? '' : headingOf(only)))}</title>
<style>${style}</style>
</head>
<body>
${heading === undefined ? '' : `<h1>${escapeHtml(heading)}</h1>`}
${only === undefined ? overview(await overviewOf(reports, now)) : ''}
`;
  let number = 0;
  for await (const report of reports) {
    number += 1;
    yield `${article(report, `m${number}`, heading === undefined ? 1 : 2, now)}\n`;
  }
  yield `<footer>${caveats} Made by cutover-watch on ${moment(now)}.</footer>
</body>
</html>
`;
}

function overview([heading, rows]: Rows): string {
  const cells = escaped(rows).map(([name = '', ...others], index) => [
    `<a href="#m${index + 1}">${name}</a>`,
    ...others,
  ]);
  return `<section class="overview">${table(heading, cells, 0)}</section>`;
}

function article(report: MigrationReport, id: string, level: 1 | 2, now: number): string {
  const { name, outcome } = report;
  const facts = escaped(factsOf(report, now)).map(([fact, text]) => `<dt>${fact}</dt><dd>${text}</dd>`);
  const badge = `<span class="outcome ${tones[outcome]}">${outcomeWords[outcome]}</span>`;
  const [phaseHeading, phases] = phaseRows(report);
  const [gapHeading, gaps] = gapRows(report, now);
  return [
    `<article id="${id}"><h${level}>${escapeHtml(name)} ${badge}</h${level}>`,
    `<dl>${facts.join('\n')}</dl>`,
    plotSection(report, id, now),
    section('Phases', table(phaseHeading, escaped(phases))),
    section('Gaps in watching', table(gapHeading, escaped(gaps), 3)),
    section('Timeline', table(['Time (UTC)', '', 'Event'], timelineRows(report).map(timelineCells), 2)),
    '</article>',
  ].join('\n');
}

function timelineCells({ at, sign, tone, text, folded }: ReturnType<typeof timelineRows>[number]) {
  const mark = `<span class="sign ${tone}">${sign}\uFE0E</span>`;
  const line = escapeHtml(text);
  if (folded === undefined) return [preciseMoment(at), mark, line];
  const all = folded.map((one) => `<li>${preciseMoment(one.at)} ${escapeHtml(one.text)}</li>`);
  return [preciseMoment(at), mark, `<details><summary>${line}</summary><ul>${all.join('\n')}</ul></details>`];
}

function plotSection(report: MigrationReport, id: string, now: number): string {
  const plot = lagPlot(report, id, now);
  if (plot === undefined) return '';
  const { samples, ready, outcome, stated } = report;
  const legend = plot.shown.map(
    (name) => `<li><span class="swatch ${name}"></span>${escapeHtml(laneWords[name])}</li>`,
  );
  const signs = plot.edges.map(({ sign, word }) => `<li>${sign} ${word}</li>`);
  const isBeyond = ready !== undefined && outcome !== 'ready' && !plot.shown.includes('window_end');
  const end = isBeyond
    ? ` ${laneWords.window_end}${stated.end === undefined ? ' (estimate)' : ''}: ${moment(ready.deadline)}, not in the plot.`
    : '';
  return section(
    samples.length === 0 ? 'Course' : 'Lag behind the source',
    `<figure><div class="scroll">${plot.svg}</div><ul class="legend">${[...legend, ...signs].join('')}</ul><figcaption>${escapeHtml(`${lagText(samples)}${end}`)}</figcaption></figure>`,
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
  const headings = heading
    .map((text) => (text === '' ? '<td class="short"></td>' : `<th scope="col">${text}</th>`))
    .join('');
  const lines = rows.map((cells) => {
    const line = cells.map((cell, index) => `<td${index === prose ? '' : ' class="short"'}>${cell}</td>`);
    return `<tr>${line.join('')}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${headings}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
}
