import { formatSpan } from '../events/format.ts';
import type { LagSample } from '../state/store.ts';
import { axisPosition, type LaneMark, laneMarks, type MarkName, type Span } from '../watch/migration/lane.ts';
import { laneWords, type SignedWord } from '../watch/words.ts';
import { lagTicks, timeTicks } from './axis.ts';
import { escapeHtml } from './escape.ts';
import type { MigrationReport } from './report-model.ts';
import { lagText } from './words.ts';

const width = 880;
const strip = { top: 8, height: 22 };
const plot = { left: 78, right: width - 14, top: 44, bottom: 290 };
/** Room below the plot, or below the strip where there is no lag, for the time axis. */
const axisHeight = 46;
/** Approximate width of a letter in a label of the strip. */
const letterWidth = 7;
/** An end of the window that follows the end of the migration this closely, as a share of its time, is drawn. */
const nearShare = 0.15;

/** A plot, and what it shows: one of each, in the order of the legend. */
interface LagPlot {
  readonly svg: string;
  readonly shown: readonly MarkName[];
  /** The signs in it. */
  readonly edges: readonly SignedWord[];
}

interface PlacedMark extends LaneMark {
  readonly left: number;
  readonly wide: number;
  /** Lower end of the plot. */
  readonly bottom: number;
}

/**
 * Returns the lag of a migration over time as an SVG element, with its phases in a strip above it, stalls, gaps, and the
 * window; the strip alone where Atlas reported no lag, and nothing for a single moment. `id` must be unique in the document.
 * `now` in ms since 1970.
 */
export function lagPlot(report: MigrationReport, id: string, now: number): LagPlot | undefined {
  const { from = 0, to = 0, samples } = report;
  if (to <= from) return undefined;
  const end = axisEnd(report, now);
  const hasLag = samples.length > 0;
  const bottom = hasLag ? plot.bottom : strip.top + strip.height;
  const height = bottom + axisHeight;
  const scale = (plot.right - plot.left) / 100;
  const x = (at: number): number =>
    round(plot.left + ((clamp(at, from, end) - from) / (end - from)) * (plot.right - plot.left));
  const marks = marksOf(report, end, now);
  const places = marks.map((mark) => ({
    ...mark,
    left: round(plot.left + mark.x * scale),
    wide: round(mark.width * scale),
    bottom,
  }));
  const svg = [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-text">`,
    `<title id="${id}-title">${hasLag ? 'Lag' : 'Phases'} of ${escapeHtml(report.name)} over time</title>`,
    `<desc id="${id}-text">${escapeHtml(lagText(samples))}</desc>`,
    `<defs>${hatch(id, 'unreadable', 45)}${hatch(id, 'not_watched', -45)}</defs>`,
    ...places.map((place) => markOf(place, id)),
    ...places.map(labelOf),
    ...edgesOf(report, x, bottom),
    ...(hasLag ? lagAxis(report, x) : []),
    `<text class="tick" x="${plot.right}" y="${bottom + 40}" text-anchor="end">Time in UTC</text>`,
    ...timeTicks(from, end, 8).map(
      ({ at, label }) =>
        `<line class="tick-line" x1="${x(at)}" x2="${x(at)}" y1="${bottom}" y2="${bottom + 5}"/><text class="tick" x="${x(at)}" y="${bottom + 20}" text-anchor="middle">${label}</text>`,
    ),
    '</svg>',
  ].join('\n');
  return { svg, shown: [...new Set(marks.map(({ name }) => name))], edges: edgeNames(report) };
}

/** What is not over goes on to now and to its planned cutover, and one that is ready to the end of its window. */
function axisEnd({ outcome, from = 0, to = 0, ready, stated }: MigrationReport, now: number): number {
  const deadline = ready?.deadline ?? to;
  const plannedAt = stated.plans.at(-1)?.plannedAt ?? to;
  if (outcome === 'ready') return Math.max(to, now, deadline, plannedAt);
  if (outcome === 'under way') return Math.max(to, now, plannedAt);
  const isNear = deadline > to && deadline - to < (to - from) * nearShare;
  return isNear ? deadline : to;
}

function marksOf(report: MigrationReport, end: number, now: number): readonly LaneMark[] {
  const { from = 0, outcome, ready, stated } = report;
  const axis = { from, to: end, plannedAt: stated.plans.at(-1)?.plannedAt };
  const spans = spansOf(report, now);
  if (outcome === 'ready') return laneMarks({ ...axis, now, spans, deadline: ready?.deadline });
  const marks = laneMarks({ ...axis, now, spans }).filter(({ name }) => name !== 'now');
  if (ready === undefined || ready.deadline > end) return marks;
  const { deadline } = ready;
  const windowEnd = {
    name: 'window_end',
    className: 'line window-end',
    x: axisPosition(deadline, axis),
    width: 0,
    from: deadline,
    to: deadline,
    goesOn: false,
  } as const;
  return [...marks, windowEnd];
}

function spansOf({ phases, stalls, gaps }: MigrationReport, now: number): readonly Span[] {
  return [
    ...phases.map(({ phase, from, to }): Span => [phase, from, to]),
    ...stalls.map(({ from, to }): Span => ['stalled', from, to]),
    ...gaps.map(
      ({ from, to = now, reason }): Span => [
        reason === 'unreachable' ? 'unreadable' : 'not_watched',
        from,
        to,
      ],
    ),
  ];
}

function hatch(id: string, name: 'unreadable' | 'not_watched', degrees: number): string {
  return `<pattern id="${id}-${name}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(${degrees})"><rect class="${name === 'unreadable' ? 'unread' : 'unwatched'}" width="2" height="6"/></pattern>`;
}

/** Returns a mark: a phase in the strip, which also colors the plot from readiness on, or what lies over both. */
function markOf({ name, className, left, wide, bottom }: PlacedMark, id: string): string {
  const title = `<title>${escapeHtml(laneWords[name])}</title>`;
  const at = `x="${left}" width="${wide}"`;
  const stripEnd = strip.top + strip.height;
  const below = (rectClass: string): string =>
    bottom > stripEnd
      ? `<rect class="area ${rectClass}" ${at} y="${stripEnd}" height="${bottom - stripEnd}"/>`
      : '';
  if (className.startsWith('line '))
    return `<line class="${className}" x1="${left}" x2="${left}" y1="${strip.top}" y2="${bottom}">${title}</line>`;
  if (className.startsWith('hatched '))
    return `<rect fill="url(#${id}-${name})" ${at} y="${strip.top}" height="${bottom - strip.top}">${title}</rect>`;
  // Along the lower edge of the strip: the phase stays visible.
  if (className === 'stalled')
    return `${below(name)}<rect class="stalled" ${at} y="${stripEnd - 5}" height="5">${title}</rect>`;
  const area = coloring.has(name) ? below(name) : '';
  return `${area}<rect class="${className}" ${at} y="${strip.top}" height="${strip.height}">${title}</rect>`;
}

/** Returns the name of a phase in the strip, where there is room. */
function labelOf({ name, className, left, wide }: PlacedMark): string {
  const word = laneWords[name];
  if (className.startsWith('hatched') || className === 'stalled' || wide <= word.length * letterWidth)
    return '';
  return `<text class="phase-name" x="${round(left + wide / 2)}" y="${strip.top + 15}" text-anchor="middle">${escapeHtml(word)}</text>`;
}

const coloring: ReadonlySet<MarkName> = new Set(['ready', 'cutover', 'window', 'overdue']);

/** Returns where a migration became ready, and where that was withdrawn. */
function edgesOf({ phases }: MigrationReport, x: (at: number) => number, bottom: number): readonly string[] {
  const edge = (at: number, { sign, word }: SignedWord): string =>
    `<line class="edge" x1="${x(at)}" x2="${x(at)}" y1="${strip.top}" y2="${bottom}"/><text class="edge-sign" x="${x(at) + 3}" y="${strip.top + strip.height + 14}">${sign}<title>${word}</title></text>`;
  if (bottom === strip.top + strip.height) return [];
  return phases.flatMap(({ phase, from, to }, index) =>
    phase === 'ready'
      ? [edge(from, began), ...(phases[index + 1]?.phase === 'catching_up' ? [edge(to, withdrawn)] : [])]
      : [],
  );
}

function edgeNames({ phases, samples }: MigrationReport): readonly SignedWord[] {
  const readies = samples.length === 0 ? [] : phases.filter(({ phase }) => phase === 'ready');
  const isWithdrawn = readies.some((one) => phases[phases.indexOf(one) + 1]?.phase === 'catching_up');
  return [...(readies.length > 0 ? [began] : []), ...(isWithdrawn ? [withdrawn] : [])];
}

const began: SignedWord = { sign: '★\uFE0E', word: 'Became ready' };
const withdrawn: SignedWord = { sign: '▲\uFE0E', word: 'No longer ready' };

function lagAxis(report: MigrationReport, x: (at: number) => number): readonly string[] {
  const highest = report.samples.reduce((most, { lagTimeSeconds }) => Math.max(most, lagTimeSeconds), 0);
  const ticks = lagTicks(highest, 5);
  const top = ticks.at(-1) ?? 1;
  const y = (lag: number): number => round(plot.bottom - (lag / top) * (plot.bottom - plot.top));
  return [
    ...ticks.map((lag) => {
      const label = lag === 0 ? '0' : formatSpan(lag);
      return `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${y(lag)}" y2="${y(lag)}"/><text class="tick" x="${plot.left - 8}" y="${y(lag) + 4}" text-anchor="end">${label}</text>`;
    }),
    `<path class="lag" d="${linePath(report, x, y)}"/>`,
  ];
}

/** Returns the path of the lag, interrupted in observation gaps. */
function linePath(
  { samples, gaps }: MigrationReport,
  x: (at: number) => number,
  y: (lag: number) => number,
): string {
  let former: LagSample | undefined;
  const points = thin(samples, x).map((sample) => {
    const before = former?.observedAt;
    const isInterrupted =
      before === undefined ||
      gaps.some(({ from, to }) => from >= before && (to ?? from) <= sample.observedAt);
    former = sample;
    return `${isInterrupted ? 'M' : 'L'}${x(sample.observedAt)} ${y(sample.lagTimeSeconds)}`;
  });
  return points.join('');
}

/** Returns the first, the lowest, the highest and the last sample of every column that a screen can show. */
function thin(samples: readonly LagSample[], x: (at: number) => number): readonly LagSample[] {
  const columns = Map.groupBy(samples, ({ observedAt }) => Math.floor(x(observedAt)));
  return [...columns.values()].flatMap((column) => {
    const byLag = column.toSorted((one, other) => one.lagTimeSeconds - other.lagTimeSeconds);
    const kept = new Set([column[0], byLag[0], byLag.at(-1), column.at(-1)]);
    return column.filter((sample) => kept.has(sample));
  });
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
