import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type Filter,
  type Range,
  withGroup,
  withLabel,
  withNeedsMe,
  withoutLabel,
  withRange,
  withStatus,
} from '../route.ts';
import { statuses } from '../status.ts';
import { Select } from './select.tsx';

interface ToolbarProps {
  readonly filter: Filter;
  /** The labels of all migrations, and their names. */
  readonly labels: readonly string[];
  readonly labelNames: readonly string[];
  /** The name of the label that the list is grouped by. */
  readonly group: string | undefined;
  /** How many migrations are shown, and how many there are. */
  readonly shown: number;
  readonly all: number;
  /** Receives each filter that the reader chooses. */
  readonly onFilter: (filter: Filter) => void;
}

const ranges: readonly (readonly [Range, string])[] = [
  ['6h', '6 h'],
  ['24h', '24 h'],
  ['5d', '5 d'],
];

/** The search, the filters, and how the list is shown. */
export function Toolbar({ filter, labels, labelNames, group, shown, all, onFilter }: ToolbarProps): VNode {
  const search = useRef<HTMLInputElement>(null);
  const [isHelpShown, setHelpShown] = useState(false);
  const [areOptionsShown, setOptionsShown] = useState(false);
  useEffect(() => onKeys(search.current, () => setHelpShown((former) => !former)), []);
  const rest = labels.filter((each) => !filter.labels.includes(each));
  const { status, needsMe, range: chosen = '24h' } = filter;
  const chip = (text: string, without: Filter): VNode => (
    <button
      key={text}
      type="button"
      class="chip"
      aria-label={`Remove the filter ${text}`}
      onClick={() => {
        onFilter(without);
        search.current?.focus();
      }}
    >
      {text} ×
    </button>
  );
  return (
    <>
      <search class={areOptionsShown ? 'tools options-shown' : 'tools'}>
        <label class="field find">
          <span class="visually-hidden">Search by name, label, status or id</span>
          <input
            id="search"
            ref={search}
            type="search"
            placeholder="Search"
            autocomplete="off"
            spellcheck={false}
            value={filter.search}
            onInput={({ currentTarget }) => onFilter({ ...filter, search: currentTarget.value })}
          />
        </label>
        <button
          type="button"
          class="button more"
          aria-expanded={areOptionsShown}
          onClick={() => setOptionsShown(!areOptionsShown)}
        >
          Options
        </button>
        {labels.length > 0 && (
          <Select
            label="Filter by label"
            value=""
            choices={[
              ['', filter.labels.length > 0 ? 'Add a label…' : 'All labels'],
              ...rest.map((each) => [each, each] as const),
            ]}
            onChoice={(label) => onFilter(withLabel(filter, label))}
          />
        )}
        {labelNames.length > 0 && (
          <Select
            label="Group by"
            value={group ?? ''}
            choices={[['', 'No groups'], ...labelNames.map((each) => [each, `By ${each}`] as const)]}
            onChoice={(name) => onFilter(withGroup(filter, name))}
          />
        )}
        <div class="ranges" role="group" aria-label="How far back">
          {ranges.map(([range, text]) => (
            <button
              key={range}
              type="button"
              class="small"
              aria-pressed={range === chosen}
              onClick={() => onFilter(withRange(filter, range))}
            >
              {text}
            </button>
          ))}
        </div>
        <div id="filters" class="filters">
          {needsMe === true && chip('Needs attention', withNeedsMe(filter))}
          {status !== undefined && chip(statuses[status].word, withStatus(filter, status))}
          {filter.labels.map((each) => chip(each, withoutLabel(filter, each)))}
        </div>
        <p id="shown" class="shown" role="status">
          {shown === all ? `${all} ${all === 1 ? 'migration' : 'migrations'}` : `${shown} of ${all}`}
        </p>
        <button
          type="button"
          class="button help-button"
          aria-label="Keyboard shortcuts"
          aria-expanded={isHelpShown}
          onClick={() => setHelpShown(!isHelpShown)}
        >
          ?
        </button>
      </search>
      {isHelpShown && (
        <p id="help" class="help" role="status">
          <kbd>/</kbd> search <kbd>↑</kbd> <kbd>↓</kbd> rows <kbd>→</kbd> labels of a row, or unfold a group{' '}
          <kbd>←</kbd> back, or fold <kbd>Enter</kbd> open <kbd>Esc</kbd> back to the list <kbd>?</kbd> this
          help
        </p>
      )}
    </>
  );
}

/**
 * While the list is shown, moves the focus to the search with a slash, and shows or hides the help with a question mark.
 * Returns a function that ends this.
 */
function onKeys(search: HTMLInputElement | null, toggleHelp: () => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (target instanceof HTMLInputElement || ctrlKey || metaKey || altKey) return;
    if (search?.checkVisibility() !== true) return;
    if (key === '/') search.focus();
    else if (key === '?') toggleHelp();
    else return;
    event.preventDefault();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
