import uPlot from 'uplot';
import { formatSpan } from '../events/format.ts';
import { placeWords } from './label-layout.ts';
import type { Columns, Mark, ReadyTime } from './lag-history.ts';
import { type Move, moveWindow } from './plot-window.ts';
import { axisTimes, localText, timeSteps } from './times.ts';
import { zoomByTouch } from './touch-zoom.ts';

interface PlotData {
  readonly columns: Columns;
  readonly marks: readonly Mark[];
  readonly readyTimes: readonly ReadyTime[];
}

export interface Plot {
  show(data: PlotData): void;
  /** Shows only this time, in seconds since 1970. */
  zoom(from: number, to: number): void;
  /** Shows another part of what there is. */
  move(move: Move): void;
  destroy(): void;
}

const height = 280;
/** Steps of the lag axis that read well as lengths of time, in seconds. */
const lagSteps = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
];

/** So wide that labels of the time axis can be far apart, in px. */
const wide = 400;
const markRows = 3;

/** Returns how far apart labels of the time axis must be at least, in px: those with seconds are longer. */
function labelSpace(_plot: uPlot, _axis: number, from: number, to: number, width: number): number {
  if (width >= wide) return 90;
  return to - from < 300 ? 60 : 50;
}

/**
 * Draws the lag over time into `parent`; dragging over it zooms, a double click shows all again. `onPoint` is told
 * in words what is under the pointer. `now` is the time by the watcher's clock, in ms since 1970.
 */
export function createPlot(parent: HTMLElement, onPoint: (words: string) => void, now: () => number): Plot {
  let data: PlotData = { columns: [[], []], marks: [], readyTimes: [] };
  let chart = draw();

  function draw(): uPlot {
    const colour = (name: string): string => getComputedStyle(parent).getPropertyValue(`--${name}`);
    const axis: uPlot.Axis = {
      stroke: colour('muted'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { stroke: colour('line'), width: 1 },
      font: '12px system-ui, sans-serif',
    };
    const options: uPlot.Options = {
      width: parent.clientWidth,
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { y: { range: (_, _lowest, highest) => [0, Math.max(60, (highest ?? 0) * 1.08)] } },
      axes: [
        {
          ...axis,
          space: labelSpace,
          incrs: [...timeSteps],
          values: (_, splits, _axis, _space, step) => axisTimes(splits, step),
        },
        { ...axis, size: 84, incrs: lagSteps, values: (_, splits) => splits.map(formatSpan) },
      ],
      series: [
        {},
        { stroke: colour('accent'), fill: colour('accent-faint'), width: 2, points: { show: false } },
      ],
      hooks: {
        drawClear: [(self) => drawReadyTimes(self, data.readyTimes, colour('ready-faint'))],
        draw: [(self) => drawMarks(self, data.marks, colour)],
        setCursor: [({ cursor: { idx } }) => onPoint(pointWords(data.columns, idx ?? undefined, now()))],
      },
    };
    const made = new uPlot(options, data.columns, parent);
    zoomByTouch(made);
    return made;
  }

  const zoom = (from: number, to: number): void => chart.setScale('x', { min: from, max: to });
  const redraw = (): void => {
    chart.destroy();
    chart = draw();
  };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  const resizing = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height }));
  resizing.observe(parent);

  return {
    show(next) {
      const { min, max } = chart.scales.x ?? {};
      const last = data.columns[0].at(-1);
      const first = data.columns[0][0];
      // Whoever has zoomed in keeps what he looks at; otherwise the plot grows with the time.
      const isWhole = min === undefined || max === undefined || (min === first && max === last);
      data = next;
      chart.setData(data.columns, isWhole);
      if (!isWhole) chart.redraw();
    },
    zoom,
    move(move) {
      const { min, max } = chart.scales.x ?? {};
      const [from, to] = [data.columns[0][0], data.columns[0].at(-1)];
      if (min === undefined || max === undefined || from === undefined || to === undefined) return;
      const next = moveWindow(move, { from: min, to: max }, { from, to });
      zoom(next.from, next.to);
    },
    destroy() {
      dark.removeEventListener('change', redraw);
      resizing.disconnect();
      chart.destroy();
    },
  };
}

function pointWords([times, lags]: Columns, index: number | undefined, now: number): string {
  const [time, lag] = index === undefined ? [] : [times[index], lags[index]];
  if (time === undefined || typeof lag !== 'number') return '';
  return `${localText(new Date(time * 1000).toISOString(), now)}: ${formatSpan(lag)}`;
}

function drawReadyTimes(plot: uPlot, times: readonly ReadyTime[], colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  for (const { from, to } of times) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const right = Math.min(
      bbox.left + bbox.width,
      to === undefined ? Infinity : plot.valToPos(to, 'x', true),
    );
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** Words go into rows, so that they do not run into each other, and over the lines, so that those do not cross them. */
function drawMarks(plot: uPlot, marks: readonly Mark[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const [left, right] = [bbox.left, bbox.left + bbox.width];
  ctx.save();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.lineJoin = 'round';
  const seen = marks
    .map((mark) => ({ ...mark, line: Math.round(plot.valToPos(mark.at, 'x', true)) }))
    .filter(({ line }) => line >= left && line <= right)
    .map((mark) => ({
      ...mark,
      width: ctx.measureText(mark.word).width,
      colour: colour(mark.kind === 'change' ? 'muted' : mark.kind),
    }));
  ctx.lineWidth = scale;
  for (const { line, kind, colour: stroke } of seen) {
    ctx.strokeStyle = stroke;
    ctx.setLineDash(kind === 'change' ? [4 * scale, 3 * scale] : []);
    ctx.beginPath();
    ctx.moveTo(line, bbox.top);
    ctx.lineTo(line, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.lineWidth = 4 * scale;
  ctx.strokeStyle = colour('panel');
  const places = placeWords(seen, [left, right], markRows, 5 * scale);
  for (const [index, { word, colour: fill }] of seen.entries()) {
    const place = places[index];
    if (place === undefined) continue;
    const top = bbox.top + (4 + place.row * 15) * scale;
    ctx.strokeText(word, place.left, top);
    ctx.fillStyle = fill;
    ctx.fillText(word, place.left, top);
  }
  ctx.restore();
}
