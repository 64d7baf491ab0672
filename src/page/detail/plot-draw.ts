import type uPlot from 'uplot';
import type { LaneMark } from '../../watch/migration/lane.ts';
import { placeLabels } from './label-layout.ts';
import type { PlotLabel } from './lag-history.ts';

/** Returns the value of a custom property of the style sheet, without its dashes. */
export type ColorOf = (name: string) => string;

const labelRows = 3;
/** Between two lines of a hatch, and their width, in px. */
const hatchStep = 7;
const hatchWidth = 1.5;

/** Fills what is behind the lag: readiness, stalls, times without observation, and what lies ahead. */
export function drawMarks(plot: uPlot, marks: readonly LaneMark[], color: ColorOf): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { name, className, from, to } of marks) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true));
    const width = Math.max(right - left, devicePixelRatio);
    if (right < left) continue;
    if (className.startsWith('hatched')) hatch(ctx, left, bbox.top, width, bbox.height, color('plot-hatch'));
    else {
      ctx.fillStyle =
        name === 'estimate' ? fading(ctx, left, right, color('plot-estimate')) : fillOf(name, color);
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
  }
  ctx.restore();
}

function fillOf(name: LaneMark['name'], color: ColorOf): string {
  switch (name) {
    case 'ready':
    case 'window':
      return color('plot-ready');
    case 'cutover':
      return color('plot-cutover');
    case 'stalled':
      return color('plot-stalled');
    case 'overdue':
      return color('plot-overdue');
    default:
      return 'transparent';
  }
}

function fading(ctx: CanvasRenderingContext2D, left: number, right: number, color: string): CanvasGradient {
  const gradient = ctx.createLinearGradient(left, 0, Math.max(right, left + 1), 0);
  gradient.addColorStop(0, color);
  gradient.addColorStop(1, 'transparent');
  return gradient;
}

function hatch(
  ctx: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  color: string,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = hatchWidth * devicePixelRatio;
  ctx.beginPath();
  const step = hatchStep * devicePixelRatio;
  // The lines have fixed places, so that they do not move with the edge.
  for (let x = Math.floor((left - height) / step) * step; x < left + width; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Labels go into rows, so that they do not overlap, and are drawn after the lines, so that no line crosses them. */
export function drawLabels(plot: uPlot, labels: readonly PlotLabel[], color: ColorOf): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const [left, right] = [bbox.left, bbox.left + bbox.width];
  ctx.save();
  ctx.font = `${12 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.lineJoin = 'round';
  const visible = labels
    .map((label) => ({ ...label, line: Math.round(plot.valToPos(label.at, 'x', true)) }))
    .filter(({ line }) => line >= left && line <= right)
    .toSorted((one, other) => one.line - other.line)
    .map((label) => ({
      ...label,
      width: ctx.measureText(label.text).width,
      color: color(colorNames[label.kind]),
    }));
  for (const { line, kind, color: stroke } of visible) {
    ctx.strokeStyle = stroke;
    ctx.lineWidth = (kind === 'now' ? 2 : 1) * scale;
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
    const top = bbox.top + (4 + place.row * 16) * scale;
    ctx.strokeText(text, place.left, top);
    ctx.fillStyle = fill;
    ctx.fillText(text, place.left, top);
  }
  ctx.restore();
}

const colorNames: Readonly<Record<PlotLabel['kind'], string>> = {
  ready: 'ready',
  good: 'good',
  bad: 'bad',
  change: 'muted',
  now: 'text',
};
