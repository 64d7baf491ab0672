import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { WatcherView } from '../../server/watcher-view.ts';
import type { Span } from '../../watch/migration/lane.ts';
import { laneWords } from '../../watch/words.ts';
import { Sign } from '../badge.tsx';
import type { MigrationRow } from '../data/migration-row.ts';
import { ago, clockText, zoneName } from '../times.ts';
import { type Axis, ticksOf } from './axis.ts';
import { LaneDrawing } from './lane.tsx';
import { laneOf, laneText } from './lane-of.ts';

interface TableHeadProps {
  readonly axis: Axis;
  readonly watcher: WatcherView;
  /** When a watcher ran; undefined while that is not known. */
  readonly spans: readonly Span[] | undefined;
  /** All migrations. */
  readonly rows: readonly MigrationRow[];
  readonly now: number;
}

const headings = {
  state: 'State',
  who: 'Migration',
  left: 'Time left / ready in',
  lag: 'Lag',
} as const;

/** Shows the headings, the time axis, and the lane of the watcher itself. It stays in sight. */
export function TableHead({ axis, watcher, spans = [], rows, now }: TableHeadProps): VNode {
  const stuckSince = watcher.notWatchingSince;
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
      <tr role="row" class="watcher" data-watching={String(stuckSince === undefined)}>
        <td role="cell" class="state">
          <span class="badge">
            <Sign sign={stuckSince === undefined ? '●' : '✖'} />
            <span>{laneWords[stuckSince === undefined ? 'watching' : 'not_watching']}</span>
          </span>
        </td>
        <th role="rowheader" scope="row" class="who">
          The watcher
        </th>
        <td role="cell" class="left">
          <span class="note">{lastReadText(rows, now)}</span>
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

/** Failed polls do not count. */
function lastReadText(rows: readonly MigrationRow[], now: number): string {
  const latest = rows.reduce(
    (last, { view: { observedAt = '' } }) => (observedAt > last ? observedAt : last),
    '',
  );
  return latest === '' ? 'nothing read yet' : `last read ${ago((now - Date.parse(latest)) / 1000)}`;
}
