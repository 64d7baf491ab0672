import uPlot from 'uplot';
import { formatSpan } from '../../events/format.ts';
import type { LaneMark } from '../../watch/migration/lane.ts';
import { axisTimes, timeSteps } from '../times.ts';
import { type Columns, nearestSample, type PlotLabel } from './lag-history.ts';
import { type LagScale, lagRange, lagSteps, linearBelow, logSplits } from './lag-scale.ts';
import { type ColorOf, drawLabels, drawMarks } from './plot-draw.ts';
import type { TimeWindow } from './plot-window.ts';
import { zoomByTouch } from './touch-zoom.ts';

/** What the plot shows. Times in seconds since 1970. */
export interface PlotContents {
  readonly columns: Columns;
  readonly marks: readonly LaneMark[];
  readonly labels: readonly PlotLabel[];
  /** The shown part of the time axis. */
  readonly shown: TimeWindow;
  readonly scale: LagScale;
  /** The index of the sample that is chosen by keyboard. */
  readonly chosen: number | undefined;
}

/** Where the plot area is within the plot, in shares of its width. */
export interface PlotPlace {
  readonly left: number;
  readonly width: number;
}

/** What happens in the plot. */
interface PlotHandlers {
  /** The pointer is near the sample with this index, or near none. */
  readonly onPoint: (index: number | undefined) => void;
  /** The reader selects a time. */
  readonly onSelect: (selection: TimeWindow) => void;
  /** The reader wants to see everything. */
  readonly onReset: () => void;
  /** The plot area may be somewhere else. */
  readonly onPlace: (place: PlotPlace) => void;
}

export interface Plot {
  show(contents: PlotContents): void;
  destroy(): void;
}

/** In px. */
const onPaper = { width: 720, height: 260 } as const;
/** From this width on, labels of the time axis have more space. In px. */
const wide = 400;

/** Returns the least space of a label of the time axis, in px. Labels with seconds are longer. */
function labelSpace(_plot: uPlot, _axis: number, from: number, to: number, width: number): number {
  if (width >= wide) return 90;
  return to - from < 300 ? 60 : 50;
}

/** What the system or the reader changes, and what then has other colors. */
const looks = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'];

/** Draws the lag over time into `parent`, as high as that is. */
export function createPlot(parent: HTMLElement, handlers: PlotHandlers): Plot {
  let contents: PlotContents = {
    columns: [[], []],
    marks: [],
    labels: [],
    shown: { from: 0, to: 1 },
    scale: 'linear',
    chosen: undefined,
  };
  const paper = matchMedia('print');
  let chart = draw();

  /** For paper the plot is drawn about as wide as that, so that its texts are legible; the style sheet makes it fit. */
  function size(): Pick<uPlot, 'width' | 'height'> {
    if (paper.matches) return onPaper;
    return { width: parent.clientWidth, height: parent.clientHeight };
  }

  function draw(): uPlot {
    const color: ColorOf = (name) => getComputedStyle(parent).getPropertyValue(`--${name}`);
    const { scale } = contents;
    const axis: uPlot.Axis = {
      stroke: color('muted'),
      grid: { stroke: color('plot-grid'), width: 1 },
      ticks: { stroke: color('line'), width: 1 },
      font: '12px system-ui, sans-serif',
    };
    const lagAxis: Partial<uPlot.Axis> =
      scale === 'linear'
        ? { incrs: lagSteps }
        : { splits: (_, _axis, low, high) => logSplits(low, high), filter: (_, splits) => splits };
    const options: uPlot.Options = {
      ...size(),
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        dataIdx: (_, _series, _index, at) => nearestSample(contents.columns, at) ?? null,
        bind: {
          dblclick: () => () => {
            handlers.onReset();
            return null;
          },
        },
      },
      scales: {
        x: { range: () => [contents.shown.from, contents.shown.to] },
        y: {
          ...(scale === 'log' && { distr: 4, asinh: linearBelow }),
          range: (_, lowest, highest) => lagRange(scale, lowest, highest),
        },
      },
      axes: [
        {
          ...axis,
          space: labelSpace,
          incrs: [...timeSteps],
          values: (_, splits, _axis, _space, step) => axisTimes(splits, step),
        },
        { ...axis, size: 84, values: (_, splits) => splits.map(formatSpan), ...lagAxis },
      ],
      series: [
        {},
        { stroke: color('accent'), fill: color('accent-faint'), width: 2, points: { show: false } },
      ],
      hooks: {
        drawClear: [(self) => drawMarks(self, contents.marks, color)],
        draw: [
          (self) => {
            drawLabels(self, contents.labels, color);
            const { left, width } = self.bbox;
            const px = self.width * devicePixelRatio;
            handlers.onPlace({ left: left / px, width: width / px });
          },
        ],
        setCursor: [({ cursor: { idxs } }) => handlers.onPoint(idxs?.[1] ?? undefined)],
        setSelect: [
          (self) => {
            const { left, width } = self.select;
            if (width <= 0) return;
            self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            handlers.onSelect({ from: self.posToVal(left, 'x'), to: self.posToVal(left + width, 'x') });
          },
        ],
      },
    };
    const made = new uPlot(options, contents.columns, parent);
    zoomByTouch(made, handlers.onSelect);
    return made;
  }

  function fill(): void {
    const { columns, shown, chosen } = contents;
    chart.batch(() => {
      chart.setData(columns, false);
      chart.setScale('x', { min: shown.from, max: shown.to });
    });
    const at = chosen === undefined ? undefined : columns[0][chosen];
    if (at !== undefined) chart.setCursor({ left: chart.valToPos(at, 'x'), top: 0 }, false);
  }

  const redraw = (): void => {
    chart.destroy();
    chart = draw();
    fill();
  };
  const themes = looks.map((query) => matchMedia(query));
  for (const theme of themes) theme.addEventListener('change', redraw);
  const resizing = new ResizeObserver(() => {
    const { width, height } = size();
    if (width > 0 && (width !== chart.width || height !== chart.height)) chart.setSize({ width, height });
  });
  resizing.observe(parent);

  return {
    show(next) {
      const former = contents;
      contents = next;
      if (next.scale === former.scale) fill();
      else redraw();
      if (former.chosen !== undefined && next.chosen === undefined)
        chart.setCursor({ left: -10, top: -10 }, false);
    },
    destroy() {
      for (const theme of themes) theme.removeEventListener('change', redraw);
      resizing.disconnect();
      chart.destroy();
    },
  };
}
