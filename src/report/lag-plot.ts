import { formatSpan } from '../events/format.ts';
import type { LagSample } from '../state/store.ts';
import { laneWords } from '../watch/words.ts';
import { lagTicks, timeTicks } from './axis.ts';
import { escapeHtml } from './escape.ts';
import type { MigrationReport } from './report-model.ts';
import { lagText } from './words.ts';

const width = 880;
const height = 320;
const plot = { left: 78, right: width - 14, top: 44, bottom: height - 30 };
const strip = { top: 8, height: 22 };
/** Approximate width of a letter in a label of the strip. */
const letterWidth = 7;

/**
 * Returns the lag of a migration over time as an SVG element, with its phases in a strip above it; empty where Atlas
 * reported no lag. `id` must be unique in the document. `now` in ms since 1970.
 */
export function lagPlot(report: MigrationReport, id: string, now: number): string {
  const { from = 0, to = 0, samples } = report;
  if (to <= from || samples.length === 0) return '';
  const highest = samples.reduce((most, { lagTimeSeconds }) => Math.max(most, lagTimeSeconds), 0);
  const yTicks = lagTicks(highest, 5);
  const top = yTicks.at(-1) ?? 1;
  const x = (at: number): number =>
    round(plot.left + ((clamp(at, from, to) - from) / (to - from)) * (plot.right - plot.left));
  const y = (lag: number): number => round(plot.bottom - (lag / top) * (plot.bottom - plot.top));
  const line = linePath(report, x, y);
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-text">`,
    `<title id="${id}-title">Lag of ${escapeHtml(report.name)} over time</title>`,
    `<desc id="${id}-text">${escapeHtml(lagText(samples))}</desc>`,
    `<defs><pattern id="${id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2" height="6"/></pattern></defs>`,
    ...bands(report, x),
    ...gapBands(report, id, x, now),
    ...yTicks.map((lag) => {
      const label = lag === 0 ? '0' : formatSpan(lag);
      return `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${y(lag)}" y2="${y(lag)}"/><text class="tick" x="${plot.left - 8}" y="${y(lag) + 4}" text-anchor="end">${label}</text>`;
    }),
    ...timeTicks(from, to, 8).map(
      ({ at, label }) =>
        `<line class="tick-line" x1="${x(at)}" x2="${x(at)}" y1="${plot.bottom}" y2="${plot.bottom + 5}"/><text class="tick" x="${x(at)}" y="${plot.bottom + 20}" text-anchor="middle">${label}</text>`,
    ),
    `<path class="lag" d="${line}"/>`,
    '</svg>',
  ].join('\n');
}

/** Returns the phases in the strip. Ready and cutover also color the plot below. */
function bands({ phases }: MigrationReport, x: (at: number) => number): string[] {
  return phases.map(({ phase, from, to }) => {
    const [left, wide] = [x(from), round(x(to) - x(from))];
    const label = laneWords[phase];
    const text =
      wide > label.length * letterWidth
        ? `<text class="phase-name" x="${left + wide / 2}" y="${strip.top + 15}" text-anchor="middle">${label}</text>`
        : '';
    const area =
      phase === 'ready' || phase === 'cutover'
        ? `<rect class="area ${phase}" x="${left}" y="${plot.top}" width="${wide}" height="${plot.bottom - plot.top}"/>`
        : '';
    return `${area}<rect class="phase ${phase}" x="${left}" y="${strip.top}" width="${wide}" height="${strip.height}"><title>${label}</title></rect>${text}`;
  });
}

function gapBands({ gaps }: MigrationReport, id: string, x: (at: number) => number, now: number): string[] {
  return gaps.map(({ from, to = now }) => {
    const wide = Math.max(1, round(x(to) - x(from)));
    return `<rect fill="url(#${id}-hatch)" x="${x(from)}" y="${plot.top}" width="${wide}" height="${plot.bottom - plot.top}"/>`;
  });
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
