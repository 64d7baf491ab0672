import { cleanText } from '../atlas/clean-text.ts';
import type { Story } from './report-model.ts';
import { overviewOf, phaseRows, type Rows, unseenRows } from './rows.ts';
import { factsOf } from './summary.ts';
import { caveats, lagText, moment, outcomeWords, preciseMoment } from './words.ts';

/** Returns the stories as GitHub Flavored Markdown, for a change ticket. `now` in ms since 1970. */
export function toMarkdown(stories: readonly Story[], now: number): string {
  const alone = stories.length === 1;
  const overview = alone ? [] : ['# Live migrations', table(...overviewOf(stories, now))];
  const chapters = stories.flatMap((story) => chapter(story, now, alone ? '#' : '##'));
  return `${[...overview, ...chapters, `${caveats} Made by cutover-watch on ${moment(now)}.`].join('\n\n')}\n`;
}

function chapter(story: Story, now: number, level: string): readonly string[] {
  const { name, outcome, timeline, samples } = story;
  const section = (title: string, rows: Rows): string[] =>
    rows[1].length === 0 ? [] : [`${level}# ${title}`, table(...rows)];
  const entries = timeline.map(({ at, level: loudness, text }) => [preciseMoment(at), loudness, text]);
  return [
    `${level} ${escapeMarkdown(name)}: ${outcomeWords[outcome].toLowerCase()}`,
    table(['', ''], factsOf(story, now)),
    ...section('Phases', phaseRows(story)),
    ...(samples.length === 0 ? [] : [`${level}# Lag behind the source`, lagText(samples)]),
    ...section('Not seen', unseenRows(story, now)),
    ...section('Timeline', [['Time (UTC)', 'Level', 'What'], entries]),
  ];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(heading), `|${' --- |'.repeat(heading.length)}`, ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}

/** Returns a text that no reader of Markdown takes for anything but text, on one line. */
export function escapeMarkdown(text: string): string {
  return (
    cleanText(text, Number.POSITIVE_INFINITY)
      .replaceAll(/[\\`*_[\]|~#!]/g, '\\$&')
      // Not with a backslash: what reads only some Markdown must not see a tag either.
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // Addresses become links of their own accord ("Autolinks", GitHub Flavored Markdown).
      .replaceAll('://', '\\://')
      .replaceAll(/\bwww\./gi, (found) => `${found.slice(0, -1)}\\.`)
  );
}
