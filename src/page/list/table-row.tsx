import type { ComponentChildren, TargetedEvent, VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { formatSpan } from '../../events/format.ts';
import { Badge } from '../badge.tsx';
import { useNow } from '../clock.ts';
import type { MigrationRow, Sample } from '../data/migration-row.ts';
import { labelsOf } from '../filter.ts';
import { memo } from '../memo.ts';
import { Moment } from '../moment.tsx';
import { nextStepOf } from '../next-step.ts';
import { statusOf } from '../status.ts';
import { readinessWord, sinceOf, trendText } from '../texts.ts';
import { ago, localText } from '../times.ts';
import { sparkHeight, sparkPath, sparkWidth } from './sparkline.ts';

interface TableRowProps {
  readonly row: MigrationRow;
  /** Address of the detail. */
  readonly address: string;
  readonly onLabel: (label: string) => void;
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
export const TableRow = memo(({ row, address, onLabel, isWhole }: TableRowProps) => {
  const [nearness, setNearness] = useState<'near' | 'was near' | 'not yet'>(tellsNear ? 'not yet' : 'near');
  const now = useNow(nearness === 'near');
  const { view, samples } = row;
  const name = (
    <a class="name" href={address}>
      {view.migration}
    </a>
  );
  return (
    <tr
      role="row"
      data-status={statusOf(view, now)}
      onContentVisibilityAutoStateChange={({ skipped }) =>
        setNearness((former) => (skipped ? (former === 'not yet' ? former : 'was near') : 'near'))
      }
    >
      {isWhole || nearness !== 'not yet' ? (
        <Cells view={view} samples={samples} name={name} onLabel={onLabel} now={now} />
      ) : (
        <Cell kind="who">{name}</Cell>
      )}
    </tr>
  );
});

interface CellsProps extends MigrationRow {
  readonly name: VNode;
  readonly onLabel: (label: string) => void;
  readonly now: number;
}

function Cells({ view, samples, name, onLabel, now }: CellsProps): VNode {
  const { main, note, pressing } = nextStepOf(view, now);
  const begin = sinceOf(view);
  const { observedAt, lagTimeSeconds } = view;
  return (
    <>
      <Cell kind="state">
        <Badge view={view} now={now} />
      </Cell>
      <Cell kind="who">
        {name}
        <span class="labels">
          {labelsOf(view).map((label) => (
            <button
              key={label}
              type="button"
              class="label"
              title={`Show only ${label}`}
              onClick={() => onLabel(label)}
            >
              {label}
            </button>
          ))}
        </span>
      </Cell>
      <Cell kind="atlas">
        <span class="main">{view.status ?? '–'}</span>
        <span class="note">{readinessWord(view)}</span>
      </Cell>
      <Cell kind="lag">
        <span class="two">
          <span class="main">{lagTimeSeconds === undefined ? '–' : formatSpan(lagTimeSeconds)}</span>
          <span class="note">{trendText(view)}</span>
        </span>
        <Sparkline samples={samples} />
      </Cell>
      <Cell kind="next">
        <span class="main next-step" data-pressing={pressing}>
          {main}
        </span>
        <span class="note">{note}</span>
      </Cell>
      <Cell kind="since">
        <Moment at={begin?.at} text={begin === undefined ? '' : localText(begin.at, now)} />
        <span class="note">{begin?.word}</span>
      </Cell>
      <Cell kind="seen">
        <Moment at={observedAt} text={observedAt ? ago((now - Date.parse(observedAt)) / 1000) : ''} />
        <span class="note failing">{view.outage && 'polls fail'}</span>
      </Cell>
    </>
  );
}

function Cell({ kind, children }: { readonly kind: string; readonly children: ComponentChildren }): VNode {
  return (
    <td role="cell" class={kind}>
      {children}
    </td>
  );
}

function Sparkline({ samples }: { readonly samples: readonly Sample[] }): VNode {
  const path = useMemo(() => sparkPath(samples), [samples]);
  return (
    <svg
      class="spark"
      aria-hidden="true"
      viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
      width={sparkWidth}
      height={sparkHeight}
    >
      <path d={path} />
    </svg>
  );
}
