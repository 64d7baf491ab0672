import { formatSpan } from '../../events/format.ts';
import { type Urgency, urgencyOf } from '../../watch/migration/urgency.ts';
import { trendWords } from '../../watch/migration/wording.ts';
import { cutToWidth } from '../line-width.ts';
import { formatTable } from '../table.ts';
import { paint, type Style } from '../terminal.ts';
import { describeEstimate } from '../wait/estimate.ts';
import { type CheckResult, type CutoverWindow, urgencyFacts } from './result.ts';

const headings = ['NAME', 'STATUS', 'READY', 'LAG', 'TREND', 'READY IN', 'TIME LEFT', 'HOSTS'];
const absent = '–';

const styles: Readonly<Record<Urgency, Style | undefined>> = {
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
  readonly colour: boolean;
  /** Width of the terminal; undefined where there is none to fit. */
  readonly columns: number | undefined;
  /** Makes a text fit for people: without secrets, and without what could drive a terminal. */
  readonly clean: (text: string) => string;
}

/** Returns a table of migrations in their order, a line each. `now` in ms since 1970. */
export function checkTable(looks: readonly CheckResult[], now: number, options: TableOptions): string {
  const { colour, columns = Number.POSITIVE_INFINITY, clean } = options;
  const rows = looks.map((look) => cellsOf(look, now).map(clean));
  const [heading = '', ...lines] = formatTable([headings, ...rows])
    .trimEnd()
    .split('\n')
    .map((line) => cutToWidth(line, columns));
  const painted = looks.map((look, index) =>
    paint(colour, styles[urgencyOf(urgencyFacts(look))], lines[index] ?? ''),
  );
  return `${[paint(colour, 'bold', heading), ...painted].join('\n')}\n`;
}

function cellsOf(look: CheckResult, now: number): string[] {
  const { target, result, state, trend, window } = look;
  const left = window === undefined ? absent : timeLeft(window);
  if (!result.ok) {
    const status = state?.settlement === 'DISAPPEARED' ? 'gone' : 'unreadable';
    const ready = state?.readiness === undefined ? absent : 'was';
    return [target.name, status, ready, absent, absent, absent, left, absent];
  }
  const { lagTimeSeconds, migrationHosts } = result.reading;
  const { status, readyForCutover } = state?.known ?? {};
  return [
    target.name,
    status ?? absent,
    readyForCutover === undefined ? absent : readyForCutover ? 'yes' : 'no',
    lagTimeSeconds === undefined ? absent : formatSpan(lagTimeSeconds),
    trendCell(look),
    (state && describeEstimate(state, trend, now)) ?? absent,
    left,
    migrationHosts?.join(', ') || absent,
  ];
}

/** A stall outlasts a trend: that the lag falls a little just now does not end it. */
function trendCell(look: CheckResult): string {
  if (urgencyOf(urgencyFacts(look)) === 'stalled') return 'stalled';
  return look.trend === undefined ? absent : trendWords(look.trend.perMinute);
}

function timeLeft({ remainingSeconds, readySinceKnown }: CutoverWindow): string {
  const span = formatSpan(remainingSeconds);
  if (remainingSeconds < 0) return `over since ${span}`;
  return readySinceKnown ? `about ${span}` : `at most ${span}`;
}
