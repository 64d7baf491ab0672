import type { VNode } from 'preact';
import type { LagScale } from './lag-scale.ts';
import { type Range, ranges } from './plot-window.ts';

interface PlotControlsProps {
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  /** Undefined where there is no plot. */
  readonly scale: LagScale | undefined;
  readonly onScale: (scale: LagScale) => void;
  /** Whether the axis goes on to what lies ahead; undefined where nothing does. */
  readonly ahead: boolean | undefined;
  readonly onAhead: (ahead: boolean) => void;
}

/** Chooses the time that the plot shows, and how its lag axis is divided. */
export function PlotControls({ range, onRange, scale, onScale, ahead, onAhead }: PlotControlsProps): VNode {
  return (
    <div class="controls">
      <div role="group" aria-label="Time shown">
        {ranges.map(([label, value]) => (
          <button
            key={value}
            type="button"
            class="small"
            aria-pressed={value === range}
            onClick={() => onRange(value)}
          >
            {label}
          </button>
        ))}
      </div>
      {ahead !== undefined && (
        <button type="button" class="small" aria-pressed={ahead} onClick={() => onAhead(!ahead)}>
          Show what lies ahead
        </button>
      )}
      {scale !== undefined && (
        <div role="group" aria-label="Lag axis">
          {(['linear', 'log'] as const).map((value) => (
            <button
              key={value}
              type="button"
              class="small"
              aria-pressed={value === scale}
              onClick={() => onScale(value)}
            >
              {value === 'linear' ? 'Linear' : 'Log'}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
