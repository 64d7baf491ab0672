import stringWidth from 'string-width';
import { endWord } from '../../events/end-words.ts';
import { formatSpan } from '../../events/format.ts';
import { urgencyOf } from '../../watch/migration/urgency.ts';
import { trendWords } from '../../watch/migration/wording.ts';
import { standingWord, standingWords } from '../../watch/words.ts';
import type { LocalTimes } from '../local-times.ts';
import { styleOfStanding } from '../standing-style.ts';
import { paint } from '../terminal.ts';
import { cutToWidth, formatTable } from '../text-width.ts';
import { readyIn } from '../wait/estimate.ts';
import { type CheckResult, type CutoverWindow, urgencyFacts } from './result.ts';

const headings = ['', 'NAME', 'STATE', 'TIME LEFT / READY IN', 'LAG', 'TREND', 'STATUS', 'HOSTS'];
const nameColumn = 1;
/** Sign, name, state and time are the answer: they stay in any terminal. */
const answerColumns = 4;
/** Where room is short, names take no more than this before a column falls away. */
const widestNames = 24;
const absent = '–';

export interface TableOptions {
  readonly color: boolean;
  /** Width of the terminal; undefined if there is none. */
  readonly columns: number | undefined;
  /** Returns a text without secrets and control characters. */
  readonly clean: (text: string) => string;
  readonly times: LocalTimes;
}

/**
 * Returns a table of migrations in their order, one line each. In a narrow terminal names are cut and columns fall away
 * from the right. `now` in ms since 1970.
 */
export function checkTable(results: readonly CheckResult[], now: number, options: TableOptions): string {
  const { color, columns = Number.POSITIVE_INFINITY, clean, times } = options;
  const rows = results.map((result) => cellsOf(result, now, times).map(clean));
  const [heading = '', ...lines] = fittingLines([headings, ...rows], columns);
  const painted = results.map((result, index) =>
    paint(color, styleOfStanding[urgencyOf(urgencyFacts(result), now)], lines[index] ?? ''),
  );
  return `${[paint(color, 'bold', heading), ...painted].join('\n')}\n`;
}

function fittingLines(rows: readonly (readonly string[])[], width: number): string[] {
  const all = linesOf(rows);
  if (widest(all) <= width) return all;
  const narrow = withNamesOf(rows, widestNames);
  for (let count = headings.length; count > answerColumns; count -= 1) {
    const lines = linesOf(narrow.map((row) => row.slice(0, count)));
    if (widest(lines) <= width) return lines;
  }
  const answer = rows.map((row) => row.slice(0, answerColumns));
  const withoutNames = widest(linesOf(withNamesOf(answer, 0)));
  const lines = linesOf(withNamesOf(answer, Math.max(1, width - withoutNames)));
  return lines.map((line) => cutToWidth(line, width));
}

function linesOf(rows: readonly (readonly string[])[]): string[] {
  return formatTable(rows).trimEnd().split('\n');
}

function widest(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => stringWidth(line)));
}

function withNamesOf(rows: readonly (readonly string[])[], columns: number): string[][] {
  return rows.map((row) => row.with(nameColumn, cutToWidth(row[nameColumn] ?? '', columns)));
}

function cellsOf(result: CheckResult, now: number, times: LocalTimes): string[] {
  const { target, error, state } = result;
  const urgency = urgencyOf(urgencyFacts(result), now);
  const { lagTimeSeconds, migrationHosts } = (error === undefined ? state?.observation : undefined) ?? {};
  return [
    standingWords[urgency].sign,
    target.name,
    stateCell(result, now),
    timeCell(result, now, times),
    lagTimeSeconds === undefined ? absent : formatSpan(lagTimeSeconds),
    // A stall outlasts a trend: a lag that falls a little right now does not end it.
    urgency === 'stalled'
      ? 'stalled'
      : result.trend === undefined
        ? absent
        : trendWords(result.trend.perMinute),
    statusCell(result, now),
    migrationHosts?.join(', ') || absent,
  ];
}

/** A window runs on while its migration can't be read, and nobody knows whether it is still ready. */
function stateCell(result: CheckResult, now: number): string {
  const { error, state } = result;
  const urgency = urgencyOf(urgencyFacts(result), now);
  if (urgency === 'ready' && error !== undefined) return 'Was ready';
  return standingWord(urgency, state?.settlement);
}

function timeCell(result: CheckResult, now: number, times: LocalTimes): string {
  const { state, window } = result;
  if (endWord(state?.settlement) !== undefined) return absent;
  if (window !== undefined) return timeLeft(window, times);
  return readyIn(result, now) ?? absent;
}

/** A status of the records is marked: Atlas did not confirm it just now. */
function statusCell({ error, state, readAt }: CheckResult, now: number): string {
  const { settlement, known: { status } = {} } = state ?? {};
  if (error === undefined) return status ?? absent;
  if (settlement !== undefined) return settlement === 'DISAPPEARED' ? absent : `${settlement} (recorded)`;
  return status === undefined || readAt === undefined
    ? absent
    : `${status} (${formatSpan(Math.max(0, now - readAt) / 1000)} ago)`;
}

function timeLeft(
  { remainingSeconds, readySinceKnown, deadlineEstimated, deadline }: CutoverWindow,
  { momentOf }: LocalTimes,
): string {
  const span = formatSpan(Math.abs(remainingSeconds));
  const moment = momentOf(Date.parse(deadline));
  if (remainingSeconds < 0) return `overdue by ${span} (${moment})`;
  return `${readySinceKnown || !deadlineEstimated ? '' : 'at most '}${span} (${moment})`;
}
