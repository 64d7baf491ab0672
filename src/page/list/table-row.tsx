import type { ComponentChildren, TargetedEvent, VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { formatSpan } from '../../events/format.ts';
import type { TimelineView } from '../../server/timeline-api.ts';
import { isCurrent } from '../../watch/migration/urgency.ts';
import { Badge } from '../badge.tsx';
import { useNow } from '../clock.ts';
import { keyOf, type MigrationRow } from '../data/migration-row.ts';
import { memo } from '../memo.ts';
import { factsOf, statusOf } from '../status.ts';
import { trendText } from '../texts.ts';
import { localText } from '../times.ts';
import { Labels } from './labels.tsx';
import { LaneDrawing } from './lane.tsx';
import { aheadOf, laneOf, laneText, spansUntil } from './lane-of.ts';
import { atlasAddress, nextActOf } from './next-act.ts';
import { isOld, rowText } from './row-text.ts';
import type { Scene } from './scene.ts';

interface TableRowProps {
  readonly row: MigrationRow;
  readonly scene: Scene;
  readonly timeline: TimelineView | undefined;
  /** Whether it is drawn whole before it comes near what is seen. */
  readonly isWhole: boolean;
}

declare module 'preact' {
  interface DOMAttributes<Target extends EventTarget> {
    onContentVisibilityAutoStateChange?:
      | ((event: TargetedEvent<Target, ContentVisibilityAutoStateChangeEvent>) => void)
      | undefined;
  }
}

/** Browsers that do not say which rows are near what is seen get all of them whole. */
const tellsNear = 'oncontentvisibilityautostatechange' in HTMLElement.prototype;

/**
 * A migration in the table. Only rows near what is seen follow the clock, and the others have only their name until
 * they come near, so that ten thousand rows cost little.
 */
export const TableRow = memo(({ row, scene, timeline, isWhole }: TableRowProps) => {
  const [nearness, setNearness] = useState<'near' | 'was near' | 'not yet'>(tellsNear ? 'not yet' : 'near');
  const now = useNow(nearness === 'near');
  const { view } = row;
  const name = (
    <a class="name" href={scene.addressOf(view.liveMigrationId)}>
      {view.migration}
    </a>
  );
  return (
    <tr
      role="row"
      class={isOld(view, now) ? 'migration old' : 'migration'}
      data-status={statusOf(view, now)}
      onContentVisibilityAutoStateChange={({ skipped }) =>
        setNearness((former) => (skipped ? (former === 'not yet' ? former : 'was near') : 'near'))
      }
    >
      {isWhole || nearness !== 'not yet' ? (
        <Cells row={row} scene={scene} timeline={timeline} name={name} now={now} />
      ) : (
        <Name>{name}</Name>
      )}
    </tr>
  );
});

interface CellsProps extends Pick<TableRowProps, 'row' | 'scene' | 'timeline'> {
  readonly name: VNode;
  readonly now: number;
}

function Cells({ row: { view }, scene, timeline, name, now }: CellsProps): VNode {
  const { axis, stale, consoleUrl, onLabel } = scene;
  const { opensAtlas, why } = nextActOf(view, now);
  const [isOpen, setOpen] = useState(false);
  const spans = useMemo(
    () =>
      timeline === undefined
        ? []
        : spansUntil(stale?.since ?? axis.now, timeline, timeline.migrations[keyOf(view)]),
    [axis, timeline, stale],
  );
  const lane = useMemo(() => laneOf(axis, spans, aheadOf(view, axis.now)), [axis, spans, view]);
  const text = useMemo(() => laneText(spans, aheadOf(view, axis.now), axis.now), [lane]);
  const { lagTimeSeconds, readyForCutover, deadline } = view;
  return (
    <>
      <Cell kind="state">
        <Badge view={view} now={now} />
      </Cell>
      <Name>
        {name}
        <Labels labels={view.labels} onLabel={onLabel} />
      </Name>
      <Cell kind="left">
        <Left {...rowText(view, now)} />
      </Cell>
      <Cell kind="lag">
        <span class={lagTimeSeconds === undefined ? 'main none' : 'main'}>
          {lagTimeSeconds === undefined ? '–' : formatSpan(lagTimeSeconds)}
        </span>
        <span class="note">
          {readyForCutover === true || !isCurrent(factsOf(view), now) ? '' : trendText(view)}
        </span>
      </Cell>
      <Cell kind="lane">
        <LaneDrawing lane={lane} text={text} windowEnd={deadline && localText(deadline, axis.now)} />
      </Cell>
      <Cell kind="act">
        {opensAtlas && (
          <a class="button" href={atlasAddress(consoleUrl, view)} target="_blank" rel="noreferrer">
            <span>
              <span class="long">Open in </span>Atlas ↗
            </span>
          </a>
        )}
        {why && (
          <button type="button" class="button quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Why
          </button>
        )}
      </Cell>
      {why && isOpen && (
        <Cell kind="why">
          {why.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </Cell>
      )}
    </>
  );
}

function Left({ before, figure, after, note, stated, pressing }: ReturnType<typeof rowText>): VNode {
  return (
    <>
      {figure !== undefined && (
        <span class="figure next-step" data-pressing={pressing}>
          {before && <small>{before} </small>}
          <b>{figure}</b>
          {after && <small> {after}</small>}
        </span>
      )}
      {note && <span class={figure === undefined ? 'main' : 'note'}>{note}</span>}
      {stated && <span class="note stated">{stated}</span>}
    </>
  );
}

function Name({ children }: { readonly children: ComponentChildren }): VNode {
  return (
    <th role="rowheader" scope="row" class="who">
      {children}
    </th>
  );
}

function Cell({ kind, children }: { readonly kind: string; readonly children: ComponentChildren }): VNode {
  return (
    <td role="cell" class={kind}>
      {children}
    </td>
  );
}
