import uPlot from 'uplot';
import { formatSpan } from '../../events/format.ts';
import { axisTimes, localText, timeSteps } from '../times.ts';
import { placeLabels } from './label-layout.ts';
import type { Columns, PlotLabel, ReadyTime } from './lag-history.ts';
import { type Move, moveWindow } from './plot-window.ts';
import { zoomByTouch } from './touch-zoom.ts';

interface PlotData {
  readonly columns: Columns;
  readonly labels: readonly PlotLabel[];
  readonly readyTimes: readonly ReadyTime[];
}

export interface Plot {
  show(data: PlotData): void;
  /** Shows only this time, in seconds since 1970. */
  zoom(from: number, to: number): void;
  /** Shows another part of the time axis. */
  move(move: Move): void;
  destroy(): void;
}

const height = 280;
/** Steps of the lag axis that are round as durations, in seconds. */
const lagSteps = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
];

/** From this width on, labels of the time axis have more space. In px. */
const wide = 400;
const labelRows = 3;

/** Returns the least space of a label of the time axis, in px. Labels with seconds are longer. */
function labelSpace(_plot: uPlot, _axis: number, from: number, to: number, width: number): number {
  if (width >= wide) return 90;
  return to - from < 300 ? 60 : 50;
}

/**
 * Draws the lag over time into `parent`. Dragging zooms in, a double click shows all. `onPoint` receives the text of
 * the point under the pointer. `now` returns the time by the watcher's clock, in ms since 1970.
 */
export function createPlot(parent: HTMLElement, onPoint: (text: string) => void, now: () => number): Plot {
  let data: PlotData = { columns: [[], []], labels: [], readyTimes: [] };
  let chart = draw();

  function draw(): uPlot {
    const color = (name: string): string => getComputedStyle(parent).getPropertyValue(`--${name}`);
    const axis: uPlot.Axis = {
      stroke: color('muted'),
      grid: { stroke: color('line'), width: 1 },
      ticks: { stroke: color('line'), width: 1 },
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
        { stroke: color('accent'), fill: color('accent-faint'), width: 2, points: { show: false } },
      ],
      hooks: {
        drawClear: [(self) => drawReadyTimes(self, data.readyTimes, color('ready-faint'))],
        draw: [(self) => drawLabels(self, data.labels, color)],
        setCursor: [({ cursor: { idx } }) => onPoint(pointText(data.columns, idx ?? undefined, now()))],
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
      // A zoomed plot keeps its part of the axis; otherwise the axis grows with the data.
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

function pointText([times, lags]: Columns, index: number | undefined, now: number): string {
  const [time, lag] = index === undefined ? [] : [times[index], lags[index]];
  if (time === undefined || typeof lag !== 'number') return '';
  return `${localText(new Date(time * 1000).toISOString(), now)}: ${formatSpan(lag)}`;
}

function drawReadyTimes(plot: uPlot, times: readonly ReadyTime[], color: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color;
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

/** Labels go into rows, so that they do not overlap, and are drawn after the lines, so that no line crosses them. */
function drawLabels(plot: uPlot, labels: readonly PlotLabel[], color: (name: string) => string): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const [left, right] = [bbox.left, bbox.left + bbox.width];
  ctx.save();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.lineJoin = 'round';
  const visible = labels
    .map((label) => ({ ...label, line: Math.round(plot.valToPos(label.at, 'x', true)) }))
    .filter(({ line }) => line >= left && line <= right)
    .map((label) => ({
      ...label,
      width: ctx.measureText(label.text).width,
      color: color(label.kind === 'change' ? 'muted' : label.kind),
    }));
  ctx.lineWidth = scale;
  for (const { line, kind, color: stroke } of visible) {
    ctx.strokeStyle = stroke;
    ctx.setLineDash(kind === 'change' ? [4 * scale, 3 * scale] : []);
    ctx.beginPath();
    ctx.moveTo(line, bbox.top);
    ctx.lineTo(line, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.lineWidth = 4 * scale;
  ctx.strokeStyle = color('panel');
  const places = placeLabels(visible, [left, right], labelRows, 5 * scale);
  for (const [index, { text, color: fill }] of visible.entries()) {
    const place = places[index];
    if (place === undefined) continue;
    const top = bbox.top + (4 + place.row * 15) * scale;
    ctx.strokeText(text, place.left, top);
    ctx.fillStyle = fill;
    ctx.fillText(text, place.left, top);
  }
  ctx.restore();
}
