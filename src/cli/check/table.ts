import stringWidth from 'string-width';
import { formatSpan } from '../../events/format.ts';
import { type Urgency, urgencyOf } from '../../watch/migration/urgency.ts';
import { trendWords } from '../../watch/migration/wording.ts';
import { paint, type Style } from '../terminal.ts';
import { cutToWidth, formatTable } from '../text-width.ts';
import { describeEstimate } from '../wait/estimate.ts';
import { type CheckResult, type CutoverWindow, urgencyFacts } from './result.ts';

const headings = ['NAME', 'STATUS', 'READY', 'LAG', 'TREND', 'READY IN', 'TIME LEFT', 'HOSTS'];
/** Name, status and readiness are the answer: they stay in any terminal. */
const answerColumns = 3;
const absent = '–';

const styles: Readonly<Record<Urgency, Style | undefined>> = {
  overdue: 'red',
  unknown: 'red',
  ready: 'yellow',
  failed: 'red',
  unreachable: 'red',
  stalled: 'red',
  approaching: 'cyan',
  copying: undefined,
  waiting: 'gray',
  done: 'green',
};

export interface TableOptions {
  readonly color: boolean;
  /** Width of the terminal; undefined if there is none. */
  readonly columns: number | undefined;
  /** Returns a text without secrets and control characters. */
  readonly clean: (text: string) => string;
}

/**
 * Returns a table of migrations in their order, one line each. A terminal that is too narrow loses columns from the
 * right. `now` in ms since 1970.
 */
export function checkTable(results: readonly CheckResult[], now: number, options: TableOptions): string {
  const { color, columns = Number.POSITIVE_INFINITY, clean } = options;
  const rows = results.map((result) => cellsOf(result, now).map(clean));
  const [heading = '', ...lines] = fittingLines([headings, ...rows], columns);
  const painted = results.map((result, index) =>
    paint(color, styles[urgencyOf(urgencyFacts(result), now)], lines[index] ?? ''),
  );
  return `${[paint(color, 'bold', heading), ...painted].join('\n')}\n`;
}

function fittingLines(rows: readonly (readonly string[])[], width: number): string[] {
  for (let count = headings.length; ; count -= 1) {
    const lines = formatTable(rows.map((row) => row.slice(0, count)))
      .trimEnd()
      .split('\n');
    if (lines.every((line) => stringWidth(line) <= width)) return lines;
    if (count === answerColumns) return lines.map((line) => cutToWidth(line, width));
  }
}

function cellsOf(result: CheckResult, now: number): string[] {
  const { target, error, state, window } = result;
  const left = window === undefined ? absent : timeLeft(window);
  if (error !== undefined) {
    const status = state?.settlement === 'DISAPPEARED' ? 'gone' : 'unreadable';
    const ready = state?.readiness === undefined ? absent : 'was';
    return [target.name, status, ready, absent, absent, absent, left, absent];
  }
  const { lagTimeSeconds, migrationHosts } = state?.observation ?? {};
  const { status, readyForCutover } = state?.known ?? {};
  return [
    target.name,
    status ?? absent,
    readyForCutover === undefined ? absent : readyForCutover ? 'yes' : 'no',
    lagTimeSeconds === undefined ? absent : formatSpan(lagTimeSeconds),
    trendCell(result, now),
    describeEstimate(result, now) ?? absent,
    left,
    migrationHosts?.join(', ') || absent,
  ];
}

/** A stall outlasts a trend: a lag that falls a little right now does not end it. */
function trendCell(result: CheckResult, now: number): string {
  if (urgencyOf(urgencyFacts(result), now) === 'stalled') return 'stalled';
  return result.trend === undefined ? absent : trendWords(result.trend.perMinute);
}

function timeLeft({ remainingSeconds, readySinceKnown }: CutoverWindow): string {
  const span = formatSpan(Math.abs(remainingSeconds));
  if (remainingSeconds < 0) return `passed ${span} ago`;
  return readySinceKnown ? `about ${span}` : `at most ${span}`;
}
