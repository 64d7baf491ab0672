import { escapeHtml } from './escape-html.ts';
import { style } from './html-style.ts';
import { lagPlot } from './lag-plot.ts';
import type { Outcome, Story } from './report-model.ts';
import { overviewOf, phaseRows, unseenRows } from './rows.ts';
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

/** Returns the stories as one HTML file that needs nothing else and runs no script. `now` in ms since 1970. */
export function toHtml(stories: readonly Story[], now: number): string {
  const [only] = stories;
  const alone = stories.length === 1 && only !== undefined;
  const title = alone ? `${only.name}: ${outcomeWords[only.outcome].toLowerCase()}` : 'Live migrations';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${alone ? '' : overview(stories, now)}
${stories.map((story, index) => article(story, `m${index + 1}`, alone ? 1 : 2, now)).join('\n')}
<footer>${caveats} Made by cutover-watch on ${moment(now)}.</footer>
</body>
</html>
`;
}

function overview(stories: readonly Story[], now: number): string {
  const [heading, rows] = overviewOf(stories, now);
  const cells = escaped(rows).map(([name = '', ...others], index) => [
    `<a href="#m${index + 1}">${name}</a>`,
    ...others,
  ]);
  return `<section class="overview"><h1>Live migrations</h1>\n${table(heading, cells, 0)}</section>`;
}

function article(story: Story, id: string, level: 1 | 2, now: number): string {
  const { name, outcome, timeline, samples } = story;
  const facts = escaped(factsOf(story, now)).map(([fact, text]) => `<dt>${fact}</dt><dd>${text}</dd>`);
  const badge = `<span class="outcome ${tones[outcome]}">${outcomeWords[outcome]}</span>`;
  const [phaseHeading, phases] = phaseRows(story);
  const [unseenHeading, unseen] = unseenRows(story, now);
  const entries = timeline.map(({ at, level: loudness, text }) => [
    preciseMoment(at),
    `<span class="${loudness}">${loudness}</span>`,
    escapeHtml(text),
  ]);
  return [
    `<article id="${id}"><h${level}>${escapeHtml(name)} ${badge}</h${level}>`,
    `<dl>${facts.join('\n')}</dl>`,
    samples.length === 0 ? '' : lagSection(story, id, now),
    section('Phases', table(phaseHeading, escaped(phases))),
    section('Not seen', table(unseenHeading, escaped(unseen), 3)),
    section('Timeline', table(['Time (UTC)', 'Level', 'What'], entries, 2)),
    '</article>',
  ].join('\n');
}

function lagSection(story: Story, id: string, now: number): string {
  const hatch = story.unseen.length === 0 ? '' : ' Hatched, with no line: not seen.';
  const caption = `<figcaption>${escapeHtml(lagText(story.samples))}${hatch}</figcaption>`;
  return section(
    'Lag behind the source',
    `<figure><div class="scroll">${lagPlot(story, id, now)}</div>${caption}</figure>`,
  );
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<h3>${title}</h3>\n${content}`;
}

function escaped(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return rows.map((cells) => cells.map(escapeHtml));
}

/** Returns a table of cells that are HTML, an empty text where there are none. Only in `prose` are lines broken. */
function table(heading: readonly string[], rows: readonly (readonly string[])[], prose?: number): string {
  if (rows.length === 0) return '';
  const headings = heading.map((text) => `<th scope="col">${text}</th>`).join('');
  const lines = rows.map((cells) => {
    const line = cells.map((cell, index) => `<td${index === prose ? '' : ' class="short"'}>${cell}</td>`);
    return `<tr>${line.join('')}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${headings}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
}
