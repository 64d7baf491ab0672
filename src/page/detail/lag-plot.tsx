import type { TargetedKeyboardEvent, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sampleAfter } from './lag-history.ts';
import { sampleText } from './lag-words.ts';
import type { createPlot, Plot, PlotContents, PlotPlace } from './plot.ts';
import { type Move, revealing, selected, type TimeWindow } from './plot-window.ts';

interface LagPlotProps {
  readonly createPlot: typeof createPlot;
  /** The name of the migration. */
  readonly name: string;
  /** There is at least one sample. */
  readonly contents: Omit<PlotContents, 'chosen'>;
  /** All of the time axis. */
  readonly whole: TimeWindow;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Another part of the time axis is to be shown; all of it without one. */
  readonly onShown: (shown: TimeWindow | undefined) => void;
  /** The anchor keeps its place while zooming. */
  readonly onMove: (move: Move, anchor: number) => void;
  readonly place: PlotPlace | undefined;
  readonly onPlace: (place: PlotPlace) => void;
}

const moves: readonly (readonly [label: string, name: string, move: Move])[] = [
  ['Zoom in', 'Zoom in', 'zoom-in'],
  ['Zoom out', 'Zoom out', 'zoom-out'],
  ['←', 'Earlier', 'earlier'],
  ['→', 'Later', 'later'],
];
/** So many samples are skipped by page keys. */
const page = 20;

/**
 * The plot, whose samples can be read by pointer and by keyboard. For assistive technology it is a slider over the
 * samples: its value is the sample in words.
 */
export function LagPlot(props: LagPlotProps): VNode {
  const { contents, whole, name, now, place, onShown, onMove } = props;
  const [times, lags] = contents.columns;
  const canvas = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const [pointed, setPointed] = useState<number | undefined>();
  /** The moment of the sample that is chosen by keyboard: samples before it may come and go. */
  const [chosenAt, setChosenAt] = useState<number | undefined>();
  const latest = useRef(props);
  latest.current = props;
  const chosenIndex = chosenAt === undefined ? -1 : times.indexOf(chosenAt);
  const chosen = chosenIndex < 0 ? undefined : chosenIndex;
  const samples = lags.length - lags.filter((lag) => lag === null).length;

  useLayoutEffect(() => {
    if (canvas.current === null) return;
    const made = props.createPlot(canvas.current, {
      onPoint: setPointed,
      onSelect: (selection) => {
        const next = selected(selection, latest.current.whole);
        if (next !== undefined) latest.current.onShown(next);
      },
      onReset: () => latest.current.onShown(undefined),
      onPlace: (next) => latest.current.onPlace(next),
    });
    plot.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => plot.current?.show({ ...contents, chosen }), [contents, chosen]);

  const last = sampleAfter(contents.columns, chosen ?? -1, times.length);
  const choose = (index: number): void => {
    const at = times[index];
    if (at === undefined) return;
    setChosenAt(at);
    const next = revealing(at, contents.shown, whole);
    if (next !== contents.shown) onShown(next);
  };
  const anchor =
    (chosen === undefined ? undefined : times[chosen]) ?? Math.min(now / 1000, contents.shown.to);

  function press(event: TargetedKeyboardEvent<HTMLElement>): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => choose(chosen === undefined ? last : sampleAfter(contents.columns, chosen, -1)),
      ArrowRight: () => choose(chosen === undefined ? last : sampleAfter(contents.columns, chosen, 1)),
      PageUp: () => choose(sampleAfter(contents.columns, chosen ?? last, -page)),
      PageDown: () => choose(sampleAfter(contents.columns, chosen ?? last, page)),
      Home: () => choose(sampleAfter(contents.columns, chosen ?? last, -times.length)),
      End: () => choose(last),
      '+': () => onMove('zoom-in', anchor),
      '=': () => onMove('zoom-in', anchor),
      '-': () => onMove('zoom-out', anchor),
      '0': () => onShown(undefined),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  const index = pointed ?? chosen;
  const at = index === undefined ? undefined : times[index];
  const lag = index === undefined ? undefined : lags[index];
  const value = chosen ?? last;
  return (
    <>
      <div
        class="plot-box"
        role="slider"
        tabIndex={0}
        aria-label={`Lag of ${name}, sample`}
        aria-valuemin={1}
        aria-valuemax={samples}
        aria-valuenow={rankOf(lags, value)}
        aria-valuetext={sampleText(times[value] ?? 0, lags[value] ?? 0, now)}
        aria-describedby="plot-help"
        onKeyDown={press}
        onBlur={() => setChosenAt(undefined)}
      >
        <div ref={canvas} class="plot" />
        {at !== undefined && typeof lag === 'number' && place !== undefined && (
          <div class="tip" style={tipPlace(at, contents.shown, place)} aria-hidden="true">
            {sampleText(at, lag, now)}
          </div>
        )}
      </div>
      <div class="moves" role="group" aria-label="Part of the plot">
        {moves.map(([label, accessible, move]) => (
          <button
            key={move}
            type="button"
            class="small"
            aria-label={accessible}
            onClick={() => onMove(move, anchor)}
          >
            {label}
          </button>
        ))}
        <button type="button" class="small" onClick={() => onShown(undefined)}>
          Reset
        </button>
        <p id="plot-help" class="plot-help">
          Drag to zoom, double-click to reset. Keys in the plot: <kbd>←</kbd> <kbd>→</kbd> samples,{' '}
          <kbd>Home</kbd> <kbd>End</kbd> first and last, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>0</kbd> reset.
        </p>
      </div>
    </>
  );
}

/** Returns how many samples there are up to this index. */
function rankOf(lags: readonly (number | null)[], index: number): number {
  return lags.slice(0, index + 1).filter((lag) => lag !== null).length;
}

/** Returns the place of the tip: right of the sample, or left of it in the right half. */
function tipPlace(
  at: number,
  { from, to }: TimeWindow,
  { left, width }: PlotPlace,
): { readonly left?: string; readonly right?: string } {
  const share = (at - from) / (to - from);
  const x = (left + share * width) * 100;
  return share < 0.5 ? { left: `calc(${x}% + 10px)` } : { right: `calc(${100 - x}% + 10px)` };
}
