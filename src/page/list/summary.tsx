import type { VNode } from 'preact';
import { StatusSign } from '../badge.tsx';
import { countNeeding } from '../filter.ts';
import { type Filter, withNeedsMe, withStatus } from '../route.ts';
import { type Status, statuses } from '../status.ts';

interface SummaryProps {
  /** How many migrations have each status, of those that the search and the labels leave. */
  readonly numbers: ReadonlyMap<Status, number>;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/** Shows the number of migrations by status, each as a filter. */
export function Summary({ numbers, filter, onFilter }: SummaryProps): VNode {
  const { status: chosen, needsMe = false } = filter;
  // Zero ready is an answer; other zeros are hidden.
  const shown = (Object.keys(statuses) as Status[]).filter(
    (status) => numbers.has(status) || status === 'ready' || status === chosen,
  );
  return (
    <div id="summary" class="summary">
      <button
        type="button"
        class="count needs"
        aria-pressed={needsMe}
        onClick={() => onFilter(withNeedsMe(filter))}
      >
        <b>{countNeeding(numbers)}</b>
        <span>Needs attention</span>
      </button>
      {shown.map((status) => {
        const number = numbers.get(status) ?? 0;
        return (
          <button
            key={status}
            type="button"
            class="count"
            data-status={status}
            data-none={String(number === 0)}
            aria-pressed={status === chosen}
            onClick={() => onFilter(withStatus(filter, status))}
          >
            <StatusSign status={status} />
            <b>{number}</b>
            <span>{statuses[status].word}</span>
          </button>
        );
      })}
    </div>
  );
}
