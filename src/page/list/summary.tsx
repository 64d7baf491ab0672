import type { VNode } from 'preact';
import { StatusSign } from '../badge.tsx';
import type { MigrationRow } from '../data/migration-row.ts';
import { memo } from '../memo.ts';
import { Moment } from '../moment.tsx';
import { type Status, statuses, statusOf } from '../status.ts';
import { countdown, zonedText } from '../times.ts';

type StatusNumbers = ReadonlyMap<Status, number>;

/** Returns how many migrations have each status. `now` in ms since 1970. */
export function numbersOf(rows: readonly MigrationRow[], now: number): StatusNumbers {
  const numbers = new Map<Status, number>();
  for (const { view } of rows) {
    const status = statusOf(view, now);
    numbers.set(status, (numbers.get(status) ?? 0) + 1);
  }
  return numbers;
}

interface SummaryProps {
  readonly numbers: StatusNumbers;
  /** The status that the list is filtered by. */
  readonly chosen: Status | undefined;
  readonly onStatus: (status: Status) => void;
}

/** Shows the number of migrations by status, each as a filter. */
export const Summary = memo(({ numbers, chosen, onStatus }: SummaryProps) => {
  // Zero ready is an answer; other zeros are hidden.
  const shown = (Object.keys(statuses) as Status[]).filter(
    (status) => numbers.has(status) || status === 'ready' || status === chosen,
  );
  return (
    <div id="summary" class="summary">
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
            onClick={() => onStatus(status)}
          >
            <StatusSign status={status} />
            <b>{number}</b>
            <span>{statuses[status].word}</span>
          </button>
        );
      })}
    </div>
  );
});

interface DeadlineProps {
  /** The most urgent first. */
  readonly rows: readonly MigrationRow[];
  readonly addressOf: (migration: string) => string;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** Shows the next deadline. */
export function Deadline({ rows, addressOf, now }: DeadlineProps): VNode {
  const first = rows.find(({ view }) => view.deadline !== undefined)?.view;
  const seconds = Math.ceil((Date.parse(first?.deadline ?? '') - now) / 1000);
  return (
    <p id="deadline" class="deadline">
      {first?.deadline === undefined ? (
        'No deadline: nothing is ready for cutover.'
      ) : (
        <>
          Next deadline: <a href={addressOf(first.migration)}>{first.migration}</a>{' '}
          <strong>{seconds > 0 ? `in ${countdown(seconds)}` : 'has passed'}</strong> (
          <Moment at={first.deadline} text={zonedText(first.deadline, now)} />, estimated)
        </>
      )}
    </p>
  );
}
