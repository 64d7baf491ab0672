import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { Sign } from '../badge.tsx';
import { useNow } from '../clock.ts';
import { countByStatus, needsAttention } from '../filter.ts';
import { type Status, statuses } from '../status.ts';
import type { Group } from './groups.ts';
import { rowText } from './row-text.ts';

interface GroupRowProps {
  /** The name of the label that the group shares. */
  readonly name: string;
  readonly group: Group;
  readonly isOpen: boolean;
  readonly onFold: () => void;
  /** Address of the detail of a migration. */
  readonly addressOf: (migration: string) => string;
}

/** A window may end without any change: the numbers follow the time this often. In ms. */
const countEveryMs = 10_000;

/** Heads a group: its size, what of it needs attention, and the most urgent migration while it is folded. */
export function GroupRow({ name, group, isOpen, onFold, addressOf }: GroupRowProps): VNode {
  const now = useNow();
  const { value, rows } = group;
  const numbers = useMemo(
    () =>
      countByStatus(
        rows.map(({ view }) => view),
        now,
      ),
    [rows, Math.floor(now / countEveryMs)],
  );
  const first = rows[0]?.view;
  const text = first === undefined ? undefined : rowText(first, now);
  const shown = (Object.keys(statuses) as Status[]).filter((status) => numbers.has(status));
  return (
    <tr role="row" class="group">
      <th role="rowheader" scope="rowgroup">
        <button type="button" class="fold" aria-expanded={isOpen} onClick={onFold}>
          <span class="arrow" aria-hidden="true" />
          <span class="value">{value === '' ? `no ${name}` : value}</span>
          <span class="size">{rows.length}</span>
        </button>
      </th>
      <td role="cell" class="counts">
        {shown.map((status) => (
          <span key={status} class={needsAttention(status) ? 'badge' : 'badge calm'} data-status={status}>
            <Sign sign={statuses[status].sign} />
            <span>
              {numbers.get(status)} {statuses[status].word}
            </span>
          </span>
        ))}
      </td>
      <td role="cell" class="first">
        {!isOpen && first !== undefined && text !== undefined && (
          <>
            <a href={addressOf(first.liveMigrationId)}>{first.migration}</a>{' '}
            <span class="next-step" data-pressing={text.pressing}>
              {text.figure === undefined
                ? text.note
                : [text.before, text.figure, text.after].filter(Boolean).join(' ')}
            </span>
          </>
        )}
      </td>
    </tr>
  );
}
