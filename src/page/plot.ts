import uPlot from 'uplot';
import { formatSpan } from '../events/span.ts';
import type { Columns, Mark, ReadyTime } from './lag-history.ts';
import { axisTimes, localText } from './times.ts';

interface PlotData {
  readonly columns: Columns;
  readonly marks: readonly Mark[];
  readonly readyTimes: readonly ReadyTime[];
}

export interface Plot {
  show(data: PlotData): void;
  /** Shows only this time, in seconds since 1970. */
  zoom(from: number, to: number): void;
  destroy(): void;
}

const height = 280;
/** Steps of the lag axis that read well as lengths of time, in seconds. */
const lagSteps = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
];

/**
 * Draws the lag over time into `parent`; dragging over it zooms, a double click shows all again. `onPoint` is told
 * in words what is under the pointer.
 */
export function createPlot(parent: HTMLElement, onPoint: (words: string) => void): Plot {
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
        { ...axis, space: 90, values: (_, splits, _axis, _space, step) => axisTimes(splits, step) },
        { ...axis, size: 84, incrs: lagSteps, values: (_, splits) => splits.map(formatSpan) },
      ],
      series: [
        {},
        { stroke: colour('accent'), fill: colour('accent-faint'), width: 2, points: { show: false } },
      ],
      hooks: {
        drawClear: [(self) => drawReadyTimes(self, data.readyTimes, colour('ready-faint'))],
        draw: [(self) => drawMarks(self, data.marks, colour)],
        setCursor: [({ cursor: { idx } }) => onPoint(pointWords(data.columns, idx ?? undefined))],
      },
    };
    return new uPlot(options, data.columns, parent);
  }

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
    zoom: (from, to) => chart.setScale('x', { min: from, max: to }),
    destroy() {
      dark.removeEventListener('change', redraw);
      resizing.disconnect();
      chart.destroy();
    },
  };
}

function pointWords([times, lags]: Columns, index: number | undefined): string {
  const [time, lag] = index === undefined ? [] : [times[index], lags[index]];
  if (time === undefined || typeof lag !== 'number') return '';
  return `${localText(new Date(time * 1000).toISOString(), Date.now())}: ${formatSpan(lag)}`;
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

/** Words that would run into the one before are left out; their lines are not. */
function drawMarks(plot: uPlot, marks: readonly Mark[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.lineWidth = scale;
  let free = bbox.left;
  for (const { at, kind, word } of marks) {
    const x = Math.round(plot.valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colour(kind === 'change' ? 'muted' : kind);
    ctx.setLineDash(kind === 'change' ? [4 * scale, 3 * scale] : []);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const { width } = ctx.measureText(word);
    const start = Math.min(x + 4 * scale, bbox.left + bbox.width - width);
    if (start < free) continue;
    ctx.fillStyle = ctx.strokeStyle;
    ctx.fillText(word, start, bbox.top + 4 * scale);
    free = start + width + 6 * scale;
  }
  ctx.restore();
}
