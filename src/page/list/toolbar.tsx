import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Filter, withLabel, withoutLabel, withStatus } from '../route.ts';
import { statuses } from '../status.ts';

interface ToolbarProps {
  readonly filter: Filter;
  /** The labels of all migrations. */
  readonly labels: readonly string[];
  /** How many migrations are shown, and how many there are. */
  readonly shown: number;
  readonly all: number;
  /** Receives each filter that the reader chooses. */
  readonly onFilter: (filter: Filter) => void;
  readonly children: ComponentChildren;
}

/** The search and the filters. */
export function Toolbar({ filter, labels, shown, all, onFilter, children }: ToolbarProps): VNode {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => searchBySlash(search.current), []);
  const rest = labels.filter((each) => !filter.labels.includes(each));
  const { status } = filter;
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
    <search class="tools">
      <label class="field">
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
      <label class="field">
        <span class="visually-hidden">Filter by label</span>
        <select
          id="label"
          value=""
          disabled={rest.length === 0}
          onChange={({ currentTarget }) => onFilter(withLabel(filter, currentTarget.value))}
        >
          <option value="">{rest.length > 0 ? 'All labels' : 'No labels'}</option>
          {rest.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <div id="filters" class="filters">
        {status !== undefined && chip(statuses[status].word, withStatus(filter, status))}
        {filter.labels.map((each) => chip(each, withoutLabel(filter, each)))}
      </div>
      <p id="shown" class="shown" role="status">
        {shown === all ? `${all} in total` : `${shown} of ${all}`}
      </p>
      {children}
    </search>
  );
}

/** Moves the focus to the search with a slash, while the list is shown. Returns a function that ends this. */
function searchBySlash(search: HTMLInputElement | null): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== '/' || event.target instanceof HTMLInputElement || search?.checkVisibility() !== true)
      return;
    event.preventDefault();
    search.focus();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
