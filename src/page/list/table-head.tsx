import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { TimelineView } from '../../server/timeline-api.ts';
import { laneWords } from '../../watch/words.ts';
import { Sign } from '../badge.tsx';
import { useNow } from '../clock.ts';
import type { MigrationRow } from '../data/migration-row.ts';
import { lastReadText, type Stale } from '../header/standing.ts';
import { clockText, zoneName } from '../times.ts';
import { type Axis, ticksOf } from './axis.ts';
import { LaneDrawing } from './lane.tsx';
import { laneOf, laneText, spansUntil } from './lane-of.ts';

interface TableHeadProps {
  readonly axis: Axis;
  /** Undefined until it is known. */
  readonly timeline: TimelineView | undefined;
  /** All migrations. */
  readonly rows: readonly MigrationRow[];
  /** Undefined while what is shown is current. */
  readonly stale: Stale | undefined;
}

const headings = {
  state: 'State',
  who: 'Migration',
  left: 'Time left / ready in',
  lag: 'Lag',
} as const;

/** Shows the headings, the time axis, and the lane of the watcher itself. It stays in sight. */
export function TableHead({ axis, timeline, rows, stale }: TableHeadProps): VNode {
  const spans = useMemo(
    () => (timeline === undefined ? [] : spansUntil(stale?.since ?? axis.now, timeline, timeline.watcher)),
    [axis, timeline, stale],
  );
  const lane = useMemo(() => laneOf(axis, spans, {}), [axis, spans]);
  return (
    <thead role="rowgroup">
      <tr role="row" class="headings">
        {Object.entries(headings).map(([kind, text]) => (
          <th key={kind} role="columnheader" scope="col" class={kind}>
            {text}
          </th>
        ))}
        <th role="columnheader" scope="col" class="lane">
          <span class="visually-hidden">Timeline</span>
          <AxisLabels axis={axis} />
        </th>
        <th role="columnheader" scope="col" class="act">
          <span class="visually-hidden">Next act</span>
        </th>
      </tr>
      <tr role="row" class="watcher" data-watching={String(stale === undefined)}>
        <td role="cell" class="state">
          <span class="badge">
            <Sign sign={stale === undefined ? '●' : '✖'} />
            <span>{stale?.word ?? laneWords.watching}</span>
          </span>
        </td>
        <th role="rowheader" scope="row" class="who">
          The watcher
        </th>
        <td role="cell" class="left">
          <span class="note">
            <LastRead rows={rows} />
          </span>
        </td>
        <td role="cell" class="lag" />
        <td role="cell" class="lane">
          <LaneDrawing lane={lane} text={laneText(spans, {}, axis.now)} />
        </td>
        <td role="cell" class="act" />
      </tr>
    </thead>
  );
}

function AxisLabels({ axis }: { readonly axis: Axis }): VNode {
  const { from, to, now } = axis;
  return (
    <span class="axis" aria-hidden="true" title="Right of now, later times may lie closer together">
      {ticksOf(axis).map(({ x, text, isMinor }) => (
        <span key={x} class={isMinor ? 'tick minor' : 'tick'} style={{ left: `${x}%` }}>
          {text}
        </span>
      ))}
      <span class="tick now" style={{ left: `${((now - from) / (to - from)) * 100}%` }}>
        {clockText(now)} {zoneName(now)}
      </span>
    </span>
  );
}

function LastRead({ rows }: Pick<TableHeadProps, 'rows'>): VNode {
  return <>{lastReadText(rows, useNow())}</>;
}
